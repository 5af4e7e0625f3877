import Foundation

/// A directory that goes away with the test.
package final class TemporaryDirectory: Sendable {
    package let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("murmuration-\(UUID().uuidString)").path

    package init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What stays behind is in the system's temporary directory.
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension TemporaryDirectory {
    /// Writes a file into it.
    package func file(_ name: String, _ text: String) throws -> String {
        let path = path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }
}
