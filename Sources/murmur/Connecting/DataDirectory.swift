import Coordinator
import Foundation
import Histories

/// Directories that hold a coordinator's journal.
enum DataDirectory {
    /// Where `murmur serve` keeps its journal unless told otherwise.
    static let serve = "murmuration-data"
    /// Where `murmur run` keeps its runs unless told otherwise.
    static let runs = "runs"
    private static let fileName = "journal.sqlite"

    static func holdsJournal(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + fileName)
    }

    /// The directory itself, or the newest run in it.
    static func journal(in path: String) -> String? {
        if holdsJournal(path) { return path }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return RunNumber.newest(of: names.filter { holdsJournal("\(path)/\($0)") })
            .map { "\(path)/\($0)" }
    }

    /// The directory itself, or the newest run in it, of which an argument of a command says that
    /// it holds a journal.
    static func named(_ path: String) throws(Failure) -> String {
        guard !path.isEmpty else {
            throw Failure("DIR is empty; name the data directory of a coordinator.")
        }
        if let directory = journal(in: path) { return directory }
        throw absence(in: path, remedy: "name the data directory of a coordinator.")
    }

    /// Why no journal is found in a directory, or in the newest run there.
    ///
    /// - Parameter remedy: what to do when another directory must have been meant.
    static func absence(in path: String, remedy: String) -> Failure {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let runs = RunNumber.newest(of: names).map { ["\(path)/\($0)"] } ?? []
        let codes = ([path] + runs).map { (directory: $0, code: code(of: "\($0)/\(fileName)")) }
        let found = codes.first { $0.code != ENOENT } ?? codes[0]
        return absence(
            in: found.directory, code: found.code,
            directory: code(of: found.directory), isReadable: access(found.directory, R_OK) == 0,
            remedy: remedy)
    }

    /// - Parameters:
    ///   - code: Why the journal's file is not found.
    ///   - directory: Why the directory is not; 0 when it is there.
    static func absence(
        in path: String, code: Int32, directory: Int32, isReadable: Bool, remedy: String
    ) -> Failure {
        switch code {
        case ENOENT where directory == ENOENT: Failure("There is no directory \(path); \(remedy)")
        case ENOENT where isReadable: Failure("There is no journal in \(path); \(remedy)")
        case ENOENT, EACCES:
            Failure(
                """
                The directory \(path) cannot be looked into, because this user may not; make it and \
                those above it accessible, or be the user who started the coordinator.
                """)
        case ENAMETOOLONG:
            Failure("The path \(path) is longer than this system takes; name a shorter one.")
        case ENOTDIR: Failure("\(path) is not a directory; \(remedy)")
        default:
            Failure(
                """
                The directory \(path) cannot be looked into (\(String(cString: strerror(code)))); \
                check its disk, or name another one.
                """)
        }
    }

    /// Why a file is not found; 0 when it is.
    private static func code(of path: String) -> Int32 {
        var status = stat()
        return stat(path, &status) == 0 ? 0 : errno
    }
}
