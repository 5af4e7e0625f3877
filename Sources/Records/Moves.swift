import Foundation

/// Directories that were moved since checkpoints in them were reported, and where they are now.
///
/// A checkpoint is kept by the absolute path that its worker reported, which people can use as it is,
/// and which a copy of the journal alone still needs. Who reads it is told where it is now.
package struct Moves: Hashable, Sendable {
    /// Present paths, by former ones.
    package private(set) var all: [String: String] = [:]

    package var isEmpty: Bool { all.isEmpty }

    package init() {}

    package init(_ all: [String: String]) { self.all = all }

    /// A directory is now at another path, and so is what was moved to the former one before.
    package mutating func add(_ former: String, to now: String) {
        all = all.mapValues { Self.replace(former, by: now, in: $0) }
        all[former] = now
        let formers = all.keys
        all = all.filter { pair in
            pair.key != pair.value || formers.contains { Self.isInside(pair.key, $0) }
        }
    }

    /// A directory is in use at this path, also if one was moved away from there before.
    package mutating func use(_ directory: String) {
        all[directory] = nil
        // What lay beside it is still where the larger directory was moved to.
        if all.keys.contains(where: { Self.isInside(directory, $0) }) { all[directory] = directory }
    }

    /// Where what was reported at an address is now.
    package func now(_ address: String) -> String {
        var address = address
        // A part of what was moved may have been moved again since.
        for _ in all {
            let former = all.keys.filter { Self.isInside(address, $0) }.max { $0.count < $1.count }
            guard let former, let now = all[former], !Self.isInside(address, now) else { break }
            address = Self.replace(former, by: now, in: address)
        }
        return address
    }

    package static func isInside(_ path: String, _ directory: String) -> Bool {
        path.hasPrefix(directory + "/")
    }

    private static func replace(_ former: String, by now: String, in path: String) -> String {
        guard path == former || isInside(path, former) else { return path }
        return now + path.dropFirst(former.count)
    }
}

extension Moves {
    /// Where workers of `murmur run` keep their checkpoints in its data directory, unless told
    /// otherwise.
    package static let checkpoints = "checkpoints"

    /// A path that means the same in every directory.
    package static func absolute(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path
    }

    /// Notes that a data directory is not where it was served last.
    ///
    /// Mostly it was moved in a larger one, which may hold checkpoints beside it: the outermost
    /// directory counts that is gone. A copy of the journal that came without checkpoints, as a backup
    /// does, leaves them where they are.
    package mutating func addDataDirectory(_ former: String, to now: String) {
        guard former != now else { return }
        var (from, to) = (URL(filePath: former), URL(filePath: now))
        if Self.isGone(former) {
            while from.lastPathComponent == to.lastPathComponent,
                Self.isGone(from.deletingLastPathComponent().path)
            {
                from.deleteLastPathComponent()
                to.deleteLastPathComponent()
            }
        } else if Self.isGone(now + "/" + Self.checkpoints) {
            return
        }
        add(from.path, to: to.path)
    }

    package static func isGone(_ path: String) -> Bool {
        access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
    }
}
