import Foundation

/// A small file that may hold a secret.
struct PrivateFile {
    let text: String
    /// Nobody but its owner may read it or write to it.
    let isPrivate: Bool

    /// - Returns: `nil` when it cannot be read.
    init?(path: String) {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        // Of what was opened, whatever has its name by now.
        var status = stat()
        guard fstat(file.fileDescriptor, &status) == 0,
            let data = try? file.read(upToCount: Self.mostBytes)
        else { return nil }
        isPrivate = status.st_mode & Self.others == 0
        text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Longer ones are no secrets.
    private static let mostBytes = 64 * 1024
    private static let others: mode_t = 0o077
}
