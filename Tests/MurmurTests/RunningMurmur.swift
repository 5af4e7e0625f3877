import Foundation
import Subprocess
import TestSupport
import Testing

@testable import Histories
@testable import murmur

/// A `murmur` that runs beside a test, in its directory. What it says comes line by line.
struct RunningMurmur {
    let pid: pid_t
    private let said: Said
    private let status: Task<TerminationStatus, any Error>

    /// Keeps the place in a stream of lines.
    private actor Said {
        private var lines: [String] = []
        private var waiting: [CheckedContinuation<String?, Never>] = []
        private var isOver = false

        func add(_ line: String) {
            if waiting.isEmpty {
                lines.append(line)
            } else {
                waiting.removeFirst().resume(returning: line)
            }
        }

        func end() {
            isOver = true
            for continuation in waiting { continuation.resume(returning: nil) }
            waiting = []
        }

        func next() async -> String? {
            if !lines.isEmpty { return lines.removeFirst() }
            if isOver { return nil }
            return await withCheckedContinuation { waiting.append($0) }
        }
    }

    init(_ arguments: [String], in directory: TemporaryDirectory) async throws {
        let said = Said()
        let fifo = try Fifo(in: directory, name: "said-\(UUID().uuidString)")
        let executable = try murmur()
        let work = directory.path
        // The first line tells which process it is.
        status = Task {
            let result = try await Subprocess.run(
                .name("sh"),
                arguments: .init(
                    ["-c", "exec >'\(fifo.path)'; echo $$; exec \"$0\" \"$@\"", executable]
                        + arguments),
                environment: Self.environment, workingDirectory: .init(work), output: .discarded,
                error: .discarded)
            return result.terminationStatus
        }
        Task {
            for await line in fifo.lines { await said.add(line) }
            await said.end()
        }
        self.said = said
        let number = try #require(await said.next())
        pid = try #require(pid_t(number))
    }

    /// Waits for a line that contains the text.
    func line(_ text: String) async throws -> String {
        while let line = await said.next() {
            if line.contains(text) { return line }
        }
        throw Failure("murmur ended without saying \"\(text)\".")
    }

    func rest() async -> [String] {
        var lines: [String] = []
        while let line = await said.next() { lines.append(line) }
        return lines
    }

    func end(_ signal: Int32) async throws -> TerminationStatus {
        kill(pid, signal)
        return try await status.value
    }

    var exit: TerminationStatus {
        get async throws { try await status.value }
    }

    /// Runs one to its end.
    static func once(
        _ arguments: [String], in directory: TemporaryDirectory
    ) async throws -> (code: TerminationStatus, output: String, error: String) {
        let result = try await Subprocess.run(
            .path(.init(try murmur())), arguments: .init(arguments), environment: environment,
            workingDirectory: .init(directory.path), output: .string(limit: outputLimit),
            error: .string(limit: outputLimit))
        return (
            result.terminationStatus, result.standardOutput, result.standardError
        )
    }

    private static let outputLimit = 1 << 20

    /// Nothing of the surroundings says which coordinator is meant.
    private static let environment = Environment.inherit.updating([
        "MURMUR_URL": nil, "MURMUR_SECRET": nil, "MURMUR_POPULATION": nil,
    ])
}
