import Foundation

/// Something that a user must know: one sentence that says what is wrong and what to do.
struct Failure: Error, Equatable, CustomStringConvertible, LocalizedError {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }

    var errorDescription: String? { description }
}
