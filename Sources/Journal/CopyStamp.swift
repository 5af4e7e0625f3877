import Foundation
import GRDB

/// What tells a copy from the journal that it was made of: SQLite's `application_id` in the header of
/// its file, which is 0 in a journal.
///
/// A copy is whole without a log. Beside a log that another journal left, SQLite would take that
/// one's pages for the copy's, and nothing would show it. A coordinator that goes on from a copy takes
/// the stamp away before it has a log of its own.
struct CopyStamp {
    /// "MURC", read as a number.
    private static let value: Int32 = 0x4D55_5243
    /// Where SQLite's file format has it.
    private static let offset: off_t = 68

    let path: String

    /// Whether the file has it, whatever a log beside it says. SQLite looks into the file: closing one
    /// that this process has open for a journal would end that one's locks.
    ///
    /// A file that cannot be read has none; whoever opens it is told why.
    var isSet: Bool {
        let value = try? DatabaseQueue.withoutLog(path).read {
            try Int32.fetchOne($0, sql: "PRAGMA application_id")
        }
        return value == Self.value
    }

    func set() throws(CopyStampError) { try write(Self.value) }

    /// It is gone from the disk when this returns.
    func remove() throws(CopyStampError) { try write(0) }

    private func write(_ value: Int32) throws(CopyStampError) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw CopyStampError(code: errno) }
        defer { close(file) }
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        guard pwrite(file, bytes, bytes.count, Self.offset) == bytes.count, fsync(file) == 0 else {
            throw CopyStampError(code: errno)
        }
    }
}

/// What keeps a stamp from being written: an error of the system.
struct CopyStampError: Error {
    let code: Int32
}
