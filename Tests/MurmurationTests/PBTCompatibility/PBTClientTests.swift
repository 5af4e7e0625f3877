import Foundation
import Messages
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct PBTClientTests {
    private static let space = "name,min,max,scale\nlr,0.001,1,log\nunits,8,64,linear\n"
    private static let donors = WireReply.OneOf_Body.exploit(
        WireReply.OneOf_Body.hyperparameters(0.12, 40))

    /// Runs `body` with a client of a coordinator that answers by a script.
    static func with(
        script: @escaping ScriptedCoordinator.Script,
        _ body: (PBTClient, ScriptedCoordinator) async throws -> Void
    ) async throws {
        let config = try SpaceFile(space)
        try await ScriptedCoordinator.with(script: script) { coordinator in
            var address = try #require(coordinator.address.withLock { $0 })
            address.population = nil
            let client = try await PBTClient(
                at: address, configPath: config.path, patience: .seconds(30),
                timing: WorkerTests.calm)
            try await body(client, coordinator)
        }
    }

    @Test func `The loop exploits, loads, and explores`() async throws {
        try await Self.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                report.sequence == 2
                    ? .same(targetStep: 31, exploit: Self.donors)
                    : .same(targetStep: report.step + 1)
            case .leave: .left(WireLeft())
            default: nil
            }
        } _: { client, coordinator in
            var told: [Bool] = []
            #expect(client.parametersPath == nil)
            for _ in 1...3 {
                try await client.save("/own", metricValue: 0.5)
                told.append(client.shouldExploit())
                guard client.shouldExploit() else { continue }
                #expect(client.parametersPath == "/own")
                try client.exploit()
                #expect(client.parametersPath == "donor.pt")
                #expect(client.hyperparameters == ["lr": 0.1, "units": 32])
                try client.explore()
                #expect(client.hyperparameters == ["lr": 0.12, "units": 40])
            }
            #expect(told == [false, true, false])
            try await client.close()

            let join = try #require(coordinator.joins.first)
            #expect(join.population == "default")
            #expect(join.keeps)
            #expect(join.space == Self.space)
            let reports = coordinator.reports
            #expect(reports.map(\.step) == [1, 2, 31])
            #expect(reports.map(\.effect) == [.unspecified, .unspecified, .applied])
            #expect(reports.allSatisfy { $0.hyperparameters.isEmpty })
            #expect(coordinator.requests.last?.leave.lease == 5)
        }
    }

    @Test func `What is not exploited is declined, and what is not explored is said`() async throws
    {
        try await Self.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                report.sequence < 3
                    ? .same(targetStep: 31, exploit: Self.donors)
                    : .same(targetStep: report.step + 1)
            default: nil
            }
        } _: { client, coordinator in
            try await client.save("/a", metricValue: 1)
            #expect(client.shouldExploit())
            try await client.save("/b", metricValue: 2)
            #expect(client.shouldExploit())
            try client.exploit()
            try client.setHyperparameter("units", 8)
            try await client.save("/c", metricValue: 3)

            let reports = coordinator.reports
            #expect(reports.map(\.effect) == [.unspecified, .declined, .applied])
            #expect(reports.map(\.step) == [1, 2, 31])
            // A decline says what was trained with, whatever the exploit was told to replace.
            #expect(Hyperparameters(reports[1].hyperparameters) == ["lr": 0.1, "units": 32])
            #expect(Hyperparameters(reports[2].hyperparameters) == ["lr": 0.1, "units": 8])
        }
    }

    @Test func `A client whose parameters cannot be loaded is given others, and then none`()
        async throws
    {
        try await Self.with { request, memory in
            switch request.body {
            case .join: .lease(5, step: 3, checkpoint: "/lost")
            case .decline(let decline):
                decline.reason == "first"
                    ? .lease(5, step: 2, checkpoint: "/before") : .lease(5, step: 0)
            case .report(let report): .same(targetStep: report.step + 1)
            default: nil
            }
        } _: { client, coordinator in
            try client.exploit()
            #expect(client.parametersPath == "/lost")
            try await client.decline(reason: "first")
            #expect(client.shouldExploit())
            try client.exploit()
            #expect(client.parametersPath == "/before")
            try await client.decline(reason: "second")
            #expect(!client.shouldExploit())
            #expect(client.parametersPath == nil)
            await #expect(throws: MurmurationError.nothingToExploit) {
                try await client.decline(reason: "third")
            }
            try await client.save("/anew", metricValue: 1)
            #expect(coordinator.reports.map(\.step) == [1])
            let reasons = coordinator.requests.map(\.decline.reason).filter { !$0.isEmpty }
            #expect(reasons == ["first", "second"])
        }
    }

    @Test(arguments: ["", "/committed"])
    func `A lapsed lease loads what the server has, or saves again when it has nothing`(
        committed: String
    ) async throws {
        try await Self.with { request, memory in
            switch request.body {
            case .join:
                memory.requests.count == 1
                    ? .lease(5) : .lease(6, step: 0, checkpoint: committed)
            case .report(let report):
                report.lease == 5 ? .refusal(.leaseLapsed) : .same(targetStep: report.step + 1)
            default: nil
            }
        } _: { client, coordinator in
            try client.setHyperparameter("lr", 0.5)
            try await client.save("/own", metricValue: 1)
            #expect(coordinator.joins.map(\.former) == [0, 5])
            if committed.isEmpty {
                #expect(!client.shouldExploit())
                #expect(coordinator.reports.map(\.lease) == [5, 6])
                #expect(coordinator.reports.map(\.step) == [1, 1])
                #expect(
                    coordinator.reports.allSatisfy { $0.hyperparameters.first?.value.number == 0.5 }
                )
            } else {
                #expect(client.shouldExploit())
                try client.exploit()
                #expect(client.parametersPath == committed)
                #expect(client.hyperparameters == ["lr": 0.1, "units": 32])
                #expect(coordinator.reports.map(\.lease) == [5])
            }
        }
    }

    @Test func `A pause is waited for, and then there is nothing to load`() async throws {
        try await Self.with { request, memory in
            switch request.body {
            case .join:
                switch memory.requests.count {
                case 1: .lease(5)
                case 2...4: .wait
                default: .lease(6, step: 1, checkpoint: "/own")
                }
            case .report: .wait
            default: nil
            }
        } _: { client, coordinator in
            try await client.save("/own", metricValue: 1)
            #expect(!client.shouldExploit())
            #expect(client.parametersPath == "/own")
            #expect(coordinator.reports.count == 1)
            #expect(coordinator.joins.map(\.former) == [0, 5, 5, 5])
        }
    }

    @Test func `A stop is thrown at the next save`() async throws {
        try await Self.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report: .stop("The population was ended.")
            default: nil
            }
        } _: { client, coordinator in
            try await client.save("/a", metricValue: 1)
            #expect(!client.shouldExploit())
            await #expect(throws: MurmurationError.finished(reason: "The population was ended.")) {
                try await client.save("/b", metricValue: 1)
            }
            try await client.close()
            #expect(coordinator.reports.count == 1)
        }
    }

    @Test func `A refused value may be corrected`() async throws {
        try await Self.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report(let report):
                report.hyperparameters.contains { $0.value.text == "fast" }
                    ? .refusal(.invalid) : .same(targetStep: 2)
            default: nil
            }
        } _: { client, coordinator in
            try client.setHyperparameter("lr", "fast")
            await #expect(throws: MurmurationError.invalid("The script says INVALID.")) {
                try await client.save("/a", metricValue: 1)
            }
            try client.setHyperparameter("lr", 0.1)
            try await client.save("/a", metricValue: 1)
            #expect(coordinator.reports.map(\.step) == [1, 1])
        }
    }

    @Test func `Relative paths are sent as absolute ones, and other addresses as they are`() throws
    {
        let here = FileManager.default.currentDirectoryPath
        #expect(try PBTClient.absolute("a/../b.pt") == URL(filePath: here + "/b.pt").path)
        for address in ["/a/../b", "s3://bucket/a"] {
            #expect(try PBTClient.absolute(address) == address)
        }
        #expect(throws: MurmurationError.self) { try PBTClient.absolute("") }
    }

    // MARK: - Where the server is

    @Test(arguments: [
        ("localhost", "murmur://short@localhost:7000"),
        ("127.0.0.1", "murmur://short@127.0.0.1:7000"),
        ("murmur://localhost", "murmur://short@localhost:7000"),
        ("[::1]:7000", "murmur://short@[::1]:7000"),
        ("murmur://short@localhost:7000/digits", "murmur://short@localhost:7000/digits"),
    ])
    func `A server is a host beside a port and a key`(serverURL: String, text: String) throws {
        let address = try Address(serverURL: serverURL, port: 7000, authKey: "short")
        #expect(address.text == text)
    }

    @Test(arguments: [
        ("localhost:7001", 7000, "short"), ("localhost", 0, "short"),
        ("localhost", 70_000, "short"),
        ("localhost", -1, "short"), ("localhost", 7000, ""), ("localhost/a b", 7000, "short"),
        ("other@localhost", 7000, "short"), ("http://localhost", 7000, "short"),
        ("", 7000, "short"),
    ])
    func `What is no address is refused with a sentence`(
        serverURL: String, port: Int, authKey: String
    ) throws {
        let error = #expect(throws: MurmurationError.self) {
            try Address(serverURL: serverURL, port: port, authKey: authKey)
        }
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test func `A short key is for this machine only`() throws {
        let short = "123456789012345678901"
        #expect(throws: MurmurationError.weakKey(host: "example.org")) {
            try Address(serverURL: "example.org", port: 7000, authKey: short)
        }
        #expect(throws: MurmurationError.weakKey(host: "192.168.0.7")) {
            try Address(serverURL: "192.168.0.7", port: 7000, authKey: short)
        }
        let address = try Address(serverURL: "example.org", port: 7000, authKey: short + "2")
        #expect(address.host == "example.org")
        #expect(
            MurmurationError.weakKey(host: "h").description.contains("murmur keys generate"))
    }

    @Test func `A search space that cannot be read is said before anyone is asked`() async throws {
        await #expect(throws: MurmurationError.noSpaceFile(path: "/nowhere.csv")) {
            _ = try await PBTClient(
                serverURL: "localhost", port: 7000, authKey: "short", configPath: "/nowhere.csv")
        }
    }
}

/// A search space's file, as long as someone holds this.
private final class SpaceFile {
    let path: String

    init(_ text: String) throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "murmuration-\(UUID().uuidString).csv")
        try Data(text.utf8).write(to: url)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
