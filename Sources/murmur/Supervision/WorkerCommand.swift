import Foundation
import Histories

/// The user's command, found and checked before any worker is started.
struct WorkerCommand: Equatable {
    /// Where the executable is.
    let path: String
    let arguments: [String]

    /// Looks the command up as a shell would.
    ///
    /// - Throws: `Failure` when there is no such file, or when it cannot be executed.
    init(_ words: [String], searchPath: String? = ProcessInfo.processInfo.environment["PATH"])
        throws
    {
        guard let name = words.first, !name.isEmpty else {
            throw Failure("There is no command to run; write it after `--`.")
        }
        arguments = Array(words.dropFirst())
        if name.contains("/") {
            path = name
            try Self.check(name)
            return
        }
        let candidates = (searchPath ?? "/usr/local/bin:/usr/bin:/bin")
            .split(separator: ":").map { "\($0)/\(name)" }
        guard let found = candidates.first(where: Self.isExecutableFile) else {
            throw Failure(
                Self.isFile(name)
                    ? "The command \(name) is not on PATH; to run the file here, write ./\(name)."
                    : "The command \(name) is not on PATH; check its name or install it.")
        }
        path = found
    }

    private static func check(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure("There is no file \(path) to run; check the path of the command.")
        }
        guard isFile(path) else {
            throw Failure("\(path) is a directory and cannot be run; name a program in it.")
        }
        guard isExecutableFile(path) else {
            throw Failure(
                """
                The file \(path) is not executable; make it so (chmod +x) or put its interpreter \
                before it.
                """)
        }
    }

    private static func isFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        isFile(path) && FileManager.default.isExecutableFile(atPath: path)
    }
}
