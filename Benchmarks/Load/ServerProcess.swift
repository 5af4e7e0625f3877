import Foundation

/// What the process that is measured has used so far, as the kernel counts it.
struct ServerProcess {
    let id: Int

    /// On processors, by all its threads.
    func processorTime() throws -> Double {
        let tasks = "/proc/\(id)/task"
        guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else {
            throw LoadError(
                "There is no process \(id) to measure; --server is the server's number.")
        }
        let nanoseconds = threads.reduce(0.0) { sum, task in
            // A thread may end meanwhile.
            guard
                let text = try? String(
                    contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
            else { return sum }
            return sum + (text.split(separator: " ").first.flatMap { Double($0) } ?? 0)
        }
        return nanoseconds / 1e9
    }

    /// In MiB: what it holds now, or the most that it held.
    func memory(_ field: MemoryField) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix(field.rawValue + ":") {
            if let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first {
                return (Double(kilobytes) ?? 0) / 1024
            }
        }
        throw LoadError("The process \(id) has no \(field.rawValue): has it ended?")
    }

    enum MemoryField: String {
        case now = "VmRSS"
        case most = "VmHWM"
    }
}

/// What keeps a measurement from being one.
struct LoadError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
