import Evolution

/// A mistake in a space file, and where it is.
package struct SpaceFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name; `nil` when the mistake is in the options given beside it.
    package var source: String?
    /// From 1; `nil` when the mistake is in no particular line.
    package var line: Int?
    /// One sentence that says what is wrong and what to do.
    package var reason: String

    package init(source: String? = nil, line: Int? = nil, reason: String) {
        // Sentences repeat what a file has.
        self.source = source?.escapingControls
        self.line = line
        self.reason = reason.escapingControls
    }

    /// `space.yaml:12: …`
    package var description: String {
        guard let source else { return reason }
        return line.map { "\(source):\($0): \(reason)" } ?? "\(source): \(reason)"
    }
}

/// A mistake in a line of a file whose name the reader need not know.
struct Mistake: Error {
    var line: Int?
    var reason: String

    init(_ line: Int?, _ reason: String) {
        self.line = line
        self.reason = reason
    }
}
