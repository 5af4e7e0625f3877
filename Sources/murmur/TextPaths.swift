import Foundation
import Histories

/// Paths are text here, and in the journal and the messages. One whose bytes are no UTF-8 is
/// refused before it is taken for another one.
enum TextPaths {
    /// - Throws: `Failure` when this process was given something that is not text.
    static func checkArguments() throws(Failure) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            // The system keeps them as long as the process lives, each with a zero byte at its end.
            guard let argument = CommandLine.unsafeArgv[index],
                String(validatingCString: argument) == nil
            else { continue }
            throw Failure(
                """
                The argument \(CommandLine.arguments[index]) is not text in UTF-8, which murmur \
                needs of paths and names; rename what it names, or reach it by a link with another \
                name.
                """)
        }
    }

    /// - Throws: `Failure` when the directory that relative paths begin at has such a path.
    static func checkWorkingDirectory() throws(Failure) {
        // One that is gone has none.
        guard let bytes = getcwd(nil, 0) else { return }
        defer { free(bytes) }
        guard String(validatingCString: bytes) == nil else { return }
        throw Failure(
            """
            The path of this directory, \(String(cString: bytes)), is not text in UTF-8, which \
            murmur needs of paths; rename the directory, or go to another one.
            """)
    }
}
