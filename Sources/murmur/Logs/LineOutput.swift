import Foundation

/// Many lines for standard output, written so many at a time.
struct LineOutput {
    private var text = ""
    private let escapes: Bool
    private static let size = 64 * 1024

    /// - Parameter escapesOnTerminal: On a terminal, but not in a file, a line is shown without
    ///   what could steer it.
    init(escapesOnTerminal: Bool = false) {
        escapes = escapesOnTerminal && isatty(STDOUT_FILENO) == 1
    }

    mutating func say(_ line: String) {
        text += escapes ? Terminal.escaped(line) : line
        text += "\n"
        if text.utf8.count >= Self.size { flush() }
    }

    mutating func flush() {
        OutputFile.write(text, to: STDOUT_FILENO)
        text = ""
    }
}
