import Coordinator
import Foundation

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
        let isThere = FileManager.default.fileExists(atPath: path)
        throw Failure(
            (isThere ? "There is no journal in \(path)" : "There is no directory \(path)")
                + "; name the data directory of a coordinator.")
    }
}
