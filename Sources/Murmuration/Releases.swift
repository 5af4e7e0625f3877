import Foundation
import Messages

/// Checkpoints that nothing holds any more, which the coordinator tells again until a report says
/// that they were dealt with.
struct Releases: Hashable, Sendable {
    /// The numbers that the next report names.
    private(set) var dealtWith: [UInt64] = []

    mutating func deal(with number: UInt64) {
        if !dealtWith.contains(number) { dealtWith.append(number) }
    }

    /// The report that named these numbers was answered.
    mutating func acknowledged(_ numbers: [UInt64]) {
        dealtWith.removeAll { numbers.contains($0) }
    }
}

/// The one directory in which a worker deletes checkpoints that are released.
struct ReleasedDirectory: Hashable, Sendable {
    private let url: URL

    init(_ url: URL) throws(MurmurationError) {
        guard url.isFileURL else {
            throw .invalid(
                """
                Released checkpoints are deleted in a directory, and “\(url)” is none; make the \
                URL with URL(filePath:).
                """)
        }
        self.url = url.absoluteURL
    }

    /// Deletes a released checkpoint if it lies inside; whatever else is released, stays.
    ///
    /// - Returns: whether there is nothing left to do about it.
    func delete(_ checkpoint: String) -> Bool {
        guard let place = place(of: checkpoint) else { return true }
        do {
            try FileManager.default.removeItem(at: place)
            return true
        } catch CocoaError.fileNoSuchFile {
            return true
        } catch {
            return false
        }
    }

    /// Where a checkpoint inside of the directory is.
    ///
    /// A link that is itself the checkpoint is deleted and not what it points to, so it is its
    /// parent that must lie inside.
    private func place(of checkpoint: String) -> URL? {
        // A relative address says something only to whoever reported it.
        guard checkpoint.hasPrefix("/") else { return nil }
        let components = checkpoint.split(separator: "/")
        guard let name = components.last, !components.contains(where: { $0 == ".." || $0 == "." })
        else { return nil }
        let parent = "/" + components.dropLast().joined(separator: "/")
        let resolved = URL(filePath: parent, directoryHint: .isDirectory)
            .resolvingSymlinksInPath()
        let root = url.resolvingSymlinksInPath().pathComponents
        guard resolved.pathComponents.starts(with: root) else { return nil }
        return resolved.appending(path: String(name), directoryHint: .notDirectory)
    }
}
