import Foundation
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

/// An address in a file, which is read again when nobody answers.
@Suite(.timeLimit(.minutes(5))) struct AddressFileTests {
    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory()
        file = directory.path + "/url"
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
    }

    @Test func `It is read where it is named, and keeps what was asked for by name`() throws {
        #expect(try !Address.named("file:\(file)").isKnown)
        try write("murmur://some-secret@10.0.0.7:7788/digits\n")
        for name in ["file:\(file)", "FILE:\(file)", "file://\(file)"] {
            let address = try Address.named(name)
            #expect((address.host, address.port) == ("10.0.0.7", 7788))
            #expect(address.credential == .secret("some-secret"))
            #expect((address.population, address.file) == ("digits", file))
            #expect(address.text == "file:\(file)")
            #expect("\(address)" == "murmur://10.0.0.7:7788/digits")
        }
        let before = try Address.named("file:\(file)")
        try write("murmur://10.0.0.8:7788/other")
        let after = try before.current()
        #expect((after.host, after.population) == ("10.0.0.8", "digits"))
        try write("")
        #expect(try after.current() == after)
        try FileManager.default.removeItem(atPath: file)
        #expect(try after.current() == after)
    }

    @Test func `What is no address is refused in one sentence, with the file's name`() throws {
        func sentence(_ name: String) -> String? {
            do {
                _ = try Address.named(name)
                return nil
            } catch { return "\(error)" }
        }
        #expect(sentence("file:") == "The address file: names no file; add its path.")
        try write("tcp://somewhere:1")
        #expect(sentence("file:\(file)")?.hasPrefix("The file \(file) holds no address: ") == true)
        try Data([0xFF, 0xFE, 0]).write(to: URL(filePath: file))
        #expect(sentence("file:\(file)")?.contains("no address, and no text") == true)
        let isDirectory = sentence("file:\(directory.path)")
        #expect(isDirectory?.contains("cannot be read (Is a directory); correct its path") == true)
        // A secret is not repeated.
        try write("murmur://some-secret@")
        #expect(sentence("file:\(file)")?.contains("some-secret") == false)
    }

    private static let training: ScriptedCoordinator.Script = { request, _ in
        switch request.body {
        case .join: .lease(7)
        case .report(let report): .same(targetStep: report.step + 10)
        case .leave: .left(WireLeft())
        default: nil
        }
    }

    private func joined(population: String = "digits") async throws -> Worker {
        let address = try Address.named("file:\(file)")
        let joining = Joining(
            population: population, worker: "w", space: "", patience: .seconds(120))
        return try await Worker.join(at: address, by: joining, timing: WorkerTests.quick)
    }

    @Test func `A file that is not there yet is waited for`() async throws {
        try await ScriptedCoordinator.with(script: Self.training) { coordinator in
            let address = try #require(coordinator.address.withLock { $0 })
            async let worker = joined(population: "")
            try await Task.sleep(for: .milliseconds(50))
            try write(address.text)
            #expect(try await worker.report(step: 10, score: 1).action == .continue)
            // The file says which one.
            #expect(coordinator.joins.first?.population == "digits")
        }
    }

    @Test func `Without a file it is said`() async throws {
        let connection = try Connection(
            to: try Address.named("file:\(file)"), timing: WorkerTests.quick)
        await #expect(throws: MurmurationError.noAddressInFile(path: file)) {
            _ = try await connection.ask(.heartbeat(WireHeartbeat()), patience: .milliseconds(50))
        }
        try write("murmur:/")
        let fault = await #expect(throws: MurmurationError.self) {
            _ = try await connection.ask(.heartbeat(WireHeartbeat()), patience: .seconds(3))
        }
        #expect(fault?.description.contains("\(file) holds no address") == true)
        await connection.close()
    }

    @Test func `A coordinator that comes back elsewhere is found, under the same lease`()
        async throws
    {
        try await ScriptedCoordinator.with(script: Self.training) { second in
            var worker: Worker?
            try await ScriptedCoordinator.with(script: Self.training) { first in
                try write(try #require(first.address.withLock { $0 }).text)
                worker = try await joined()
            }
            // It trains on while nobody is there, and what is written halfway is no harm.
            try write("murmur:/")
            await second.restart()
            try write(try #require(second.address.withLock { $0 }).text)
            let directive = try await worker?.report(step: 10, score: 1)
            #expect(directive?.action == .continue)
            #expect(second.joins.map(\.lease) == [7])
            try await worker?.leave()
        }
    }

    /// As when a machine stands still on which another coordinator was.
    @Test func `One that is silent is looked for elsewhere`() async throws {
        try await ScriptedCoordinator.with(script: Self.training) { first in
            try await ScriptedCoordinator.with(script: Self.training) { second in
                await second.restart()
                try write(try #require(first.address.withLock { $0 }).text)
                let worker = try await joined()
                await first.keepSilent(true)
                try write(try #require(second.address.withLock { $0 }).text)
                #expect(try await worker.report(step: 10, score: 1).action == .continue)
                #expect(second.reports.count == 1)
                try await worker.leave()
            }
        }
    }
}
