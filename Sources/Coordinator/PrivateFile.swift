import Foundation

/// A file that holds a secret: only its owner may read it.
package enum PrivateFile {
    package enum Content: Equatable {
        case text(String)
        case unreadable
        /// Others can read it too.
        case exposed
    }

    private static let othersBits: UInt16 = 0o077

    /// Its text without the white space around it, unless others can read it.
    package static func read(_ path: String) -> Content {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path)
        guard let attributes, let data = FileManager.default.contents(atPath: path) else {
            return .unreadable
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value ?? 0
        guard mode & othersBits == 0 else { return .exposed }
        return .text(
            String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The file is complete, private and on disk from its first moment under its name.
    package static func store(_ text: String, at path: String) throws {
        let temporary = path + ".new"
        try? FileManager.default.removeItem(atPath: temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteNoPermission) }
        let bytes = Array((text + "\n").utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWritten, rename(temporary, path) == 0 else {
            try? FileManager.default.removeItem(atPath: temporary)
            throw CocoaError(.fileWriteUnknown)
        }
    }
}
