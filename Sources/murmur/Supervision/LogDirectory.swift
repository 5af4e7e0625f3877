import Foundation
import Histories

/// The directory with a log file for each worker.
struct LogDirectory {
    let path: String
    /// Bytes that a log may have.
    let most: UInt64

    /// Makes the directory when it is not there.
    init(_ path: String, most: UInt64 = Self.mostBytes) throws {
        self.path = path
        self.most = most
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure("The log directory \(path) cannot be made; check its permissions.")
        }
    }

    func file(_ worker: Int) -> String { "\(path)/worker-\(worker).log" }

    /// Where a worker shows that it trains.
    func marks(_ worker: Int) -> String { "\(path)/.training-\(worker)" }

    /// Opens a worker's log for appending. The caller closes the descriptor.
    func open(_ worker: Int) throws -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC
        let descriptor = Foundation.open(file(worker), flags, 0o644)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw LogFile.link(file(worker)) }
            throw Failure(
                """
                The log file \(file(worker)) cannot be written; check its permissions, the \
                space on its disk and the limit of open files.
                """)
        }
        return descriptor
    }

    /// The last lines that a worker wrote, also if its log was emptied meanwhile.
    func tail(_ worker: Int, lines: Int = Self.tailLines) -> [String] {
        let end = end(of: olderFile(worker)) + end(of: file(worker))
        return String(decoding: end, as: UTF8.self)
            .split(whereSeparator: \.isNewline).suffix(lines)
            .map { Terminal.escaped(String($0)) }
    }

    private func end(of file: String) -> Data {
        guard let handle = FileHandle(forReadingAtPath: file) else { return Data() }
        defer { try? handle.close() }
        return (try? lastBytes(Self.tailBytes, of: handle)) ?? Data()
    }

    static let tailLines = 20
    private static let tailBytes = 16_384
}
