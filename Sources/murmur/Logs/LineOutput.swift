import Foundation
import Histories

/// Many lines for standard output, written so many at a time.
struct LineOutput {
    private var text = ""
    private let escapes: Bool
    private static let size = 64 * 1024

    /// - Parameter isData: What is read by programs is exact in files and pipes. Everything else,
    ///   and data too on a terminal, is shown without what could steer one.
    init(isData: Bool = false) {
        escapes = !isData || isatty(STDOUT_FILENO) == 1
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
