import Foundation
import GRDB
import Records

// A copy that was put in a journal's place, and what is left there of that one.
extension Journal {
    /// Whether the file was put there, and nothing has gone on from it.
    static func isCopy(_ directory: String) -> Bool {
        CopyStamp(path: path(in: directory)).isSet
    }

    /// - Throws: `logOfAnother` when SQLite would take the pages of another journal's log for the file's.
    static func checkLog(_ directory: String) throws(JournalError) {
        // In this order: one that goes on from the copy takes the stamp away before it makes a log.
        if hasLog(directory), isCopy(directory) { throw .logOfAnother(directory) }
    }

    /// Makes a journal of a copy that was put there.
    ///
    /// - Returns: The last run of the coordinator that the directory knows of, when it ended as it
    ///   should not: that run's events are not in the copy.
    static func adopt(_ directory: String, _ mark: UnclosedMark) throws(JournalError) -> UInt64? {
        let run = mark.epoch
        // Without its stamp a file with a mark and no log has lost one.
        try mark.remove()
        do throws(CopyStampError) {
            try CopyStamp(path: path(in: directory)).remove()
        } catch {
            switch error.code {
            case ENOSPC, EDQUOT: throw .full(directory)
            case EACCES, EPERM, EROFS: throw .readOnly(directory)
            default:
                throw .failed(directory, reason: String(cString: strerror(error.code)))
            }
        }
        return run
    }

    /// The runs that a copy does not know of have had their numbers, by which monitors tell old boards
    /// from new ones.
    func advanceEpoch(to run: UInt64) throws(JournalError) {
        // No coordinator was started more often.
        guard let run = UInt32(exactly: run) else { return }
        try Self.catching(in: directory) {
            try queue.write {
                try $0.execute(
                    sql: "UPDATE coordinator SET epoch = max(epoch, ?)", arguments: [run])
            }
        }
    }
}
