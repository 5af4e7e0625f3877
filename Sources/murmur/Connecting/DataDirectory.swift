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
}
