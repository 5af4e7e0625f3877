import Foundation

/// A small file that may hold a secret.
package struct PrivateFile {
    package let text: String
    /// Nobody but its owner may read it or write to it.
    package let isPrivate: Bool

    /// Reads it. White space around its text counts for nothing.
    ///
    /// - Returns: `nil` when it cannot be read.
    package init?(path: String) {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        // Of what was opened, whatever has its name by now.
        var status = stat()
        guard fstat(file.fileDescriptor, &status) == 0,
            let data = try? file.read(upToCount: Self.mostBytes) ?? Data()
        else { return nil }
        isPrivate = status.st_mode & Self.others == 0
        text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Longer ones are no secrets.
    private static let mostBytes = 64 * 1024
    private static let others: mode_t = 0o077

    /// The file is complete, private and on disk from its first moment under its name.
    package static func store(_ text: String, at path: String) throws {
        // Another file may be called as one of a fixed name would be.
        let temporary = "\(path).\(getpid()).new"
        try? FileManager.default.removeItem(atPath: temporary)
        try create(text, at: temporary)
        guard rename(temporary, path) == 0 else {
            try? FileManager.default.removeItem(atPath: temporary)
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// Makes a new file, and touches none that is there.
    package static func create(_ text: String, at path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteNoPermission) }
        let bytes = Array((text + "\n").utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten else {
            try? FileManager.default.removeItem(atPath: path)
            throw CocoaError(.fileWriteUnknown)
        }
    }
}
