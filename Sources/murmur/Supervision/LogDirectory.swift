import Foundation

/// The directory with a log file for each worker.
struct LogDirectory {
    let path: String

    /// Makes the directory when it is not there.
    init(_ path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure("The log directory \(path) cannot be made; check its permissions.")
        }
    }

    func file(_ worker: Int) -> String { "\(path)/worker-\(worker).log" }

    /// Opens a worker's log for appending. The caller closes the descriptor.
    func open(_ worker: Int) throws -> Int32 {
        let descriptor = Foundation.open(
            file(worker), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                """
                The log file \(file(worker)) cannot be written; check its permissions, the \
                space on its disk and the limit of open files.
                """)
        }
        return descriptor
    }

    /// The last lines that a worker wrote.
    func tail(_ worker: Int, lines: Int = Self.tailLines) -> [String] {
        guard let handle = FileHandle(forReadingAtPath: file(worker)) else { return [] }
        defer { try? handle.close() }
        guard let size = try? handle.seekToEnd() else { return [] }
        let offset = size > Self.tailBytes ? size - Self.tailBytes : 0
        guard (try? handle.seek(toOffset: offset)) != nil,
            let data = try? handle.readToEnd()
        else { return [] }
        return String(decoding: data, as: UTF8.self)
            .split(whereSeparator: \.isNewline).suffix(lines)
            .map { Terminal.escaped(String($0)) }
    }

    static let tailLines = 20
    private static let tailBytes: UInt64 = 16_384
}
