import Foundation

/// What is in directories, each read once at most.
struct Folders {
    /// Sorted by their bytes.
    private var names: [String: [String]] = [:]

    /// Whether there is something at a path, or, as with checkpoints of several files, something whose
    /// path begins with it.
    mutating func hold(_ path: String) -> Bool {
        if access(path, F_OK) == 0 { return true }
        let (folder, name) = Self.split(path)
        let names = names(in: folder)
        let place = names.partitioningIndex { !Self.precedes($0, name) }
        return place < names.count && names[place].utf8.starts(with: name.utf8)
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private mutating func names(in folder: String) -> [String] {
        if let known = names[folder] { return known }
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        names[folder] = found.sorted(by: Self.precedes)
        return names[folder] ?? []
    }

    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension Array {
    /// The first index from which on all elements satisfy a condition, which those before do not.
    fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
