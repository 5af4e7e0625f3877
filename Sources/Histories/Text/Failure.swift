import Foundation

/// Something that a user must know: one sentence that says what is wrong and what to do.
package struct Failure: Error, Equatable, CustomStringConvertible, LocalizedError {
    package let description: String

    package init(_ sentence: String) {
        description = sentence
    }

    package var errorDescription: String? { description }
}

extension Failure {
    package static func noBest(of population: String) -> Failure {
        Failure(
            """
            No member of \(population) has reported a finite score with a checkpoint yet; try \
            again when one has.
            """)
    }
}
