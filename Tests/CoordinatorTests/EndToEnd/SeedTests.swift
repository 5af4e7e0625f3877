import Foundation
import Logging
import Messages
import Murmuration
import TestSupport
import Testing

@testable import Coordinator

/// The seed's loop: clients and a server, and what the journal says of what each call returned.
@Suite(.timeLimit(.minutes(5))) struct SeedTests {
    private static let key = "0123456789abcdefghijkl"
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test(arguments: [true, false])
    func `Ten clients in the seed's loop get what the journal says, call by call`(
        maximizes: Bool
    ) async throws {
        let directory = try TemporaryDirectory()
        let server = try await PBTServer(
            port: 0, authKey: Self.key, maximizeMetric: maximizes, host: "127.0.0.1",
            data: directory.path, logger: Self.quiet)
        let config = directory.path + "/space.csv"
        try Data("name,min,max,scale\nrate,0.001,1,log\nunits,8,64,linear\n".utf8)
            .write(to: URL(filePath: config))
        let sign = maximizes ? 1.0 : -1.0
        let diaries = try await withThrowingTaskGroup(of: Diary.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let client = try await PBTClient(
                        serverURL: "127.0.0.1", port: server.port, authKey: Self.key,
                        configPath: config)
                    var diary = Diary(member: client.member)
                    for save in 1...20 {
                        let metric = sign * (Double(client.member) + Double(save) / 1000)
                        try await diary.train(client, save: save, metricValue: metric)
                    }
                    try await client.close()
                    return diary
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let administrator = try Administrator(url: server.url)
        let population = try await administrator.population("default")
        let events = try await administrator.history("default")
        await administrator.close()
        await server.shutDown()

        #expect(population.members == 10)
        #expect(population.grows)
        #expect(population.minimize == !maximizes)
        #expect(Set(diaries.map(\.member)) == Set(0..<10))
        let reports = events.filter { $0.report != nil }
        #expect(reports.count == 200)
        for diary in diaries {
            try diary.compare(
                with: reports.filter { $0.member == diary.member }.compactMap(\.report),
                among: reports, isBetter: maximizes ? { $0 > $1 } : { $0 < $1 })
        }
        let used = diaries.flatMap { $0.entries.compactMap(\.use) }
        for use in Diary.Use.allCases { #expect(used.contains(use), "\(use)") }
    }

    @Test func `Clients wait while the population is paused, and stop when it is ended`()
        async throws
    {
        let server = try await PBTServer(
            port: 0, authKey: "short", maximizeMetric: true, logger: Self.quiet)
        let config = server.data + "/space.csv"
        try Data("name,min,max,scale\nrate,0.001,1,log\n".utf8).write(to: URL(filePath: config))
        let client = try await PBTClient(
            serverURL: "localhost", port: server.port, authKey: "short", configPath: config)
        let administrator = try Administrator(url: server.url)
        try await administrator.pause("default")
        let save = Task { try await client.save("/a", metricValue: 1) }
        while try await administrator.history("default").allSatisfy({ $0.report == nil }) {}
        try await administrator.resume("default")
        try await save.value
        #expect(!client.shouldExploit())
        #expect(client.member == 0)

        try await administrator.end("default")
        try await client.save("/b", metricValue: 2)
        #expect(!client.shouldExploit())
        await #expect(throws: MurmurationError.self) {
            try await client.save("/c", metricValue: 3)
        }
        let steps = try await administrator.history("default").compactMap { $0.report?.step }
        #expect(steps == [1, 2])
        try await client.close()
        await administrator.close()
        await server.shutDown()
    }

    @Test func `Who brings another search space is refused`() async throws {
        let server = try await PBTServer(
            port: 0, authKey: "short", maximizeMetric: true, logger: Self.quiet)
        var clients: [PBTClient] = []
        for max in [1, 2] {
            let config = server.data + "/space-\(max).csv"
            try Data("name,min,max,scale\nrate,0.001,\(max),log\n".utf8)
                .write(to: URL(filePath: config))
            let join = {
                try await PBTClient(
                    serverURL: "localhost", port: server.port, authKey: "short", configPath: config)
            }
            if max == 1 {
                clients.append(try await join())
            } else {
                let error = await #expect(throws: MurmurationError.self) { _ = try await join() }
                guard case .spaceMismatch = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
        for client in clients { try await client.close() }
        await server.shutDown()
    }

    // MARK: - Serving

    @Test func `A server's own directory is private, and goes with it`() async throws {
        let server = try await PBTServer(
            port: 0, authKey: "short", maximizeMetric: true, logger: Self.quiet)
        let attributes = try FileManager.default.attributesOfItem(atPath: server.data)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        #expect(server.port > 0)
        await server.shutDown()
        #expect(!FileManager.default.fileExists(atPath: server.data))
        await server.shutDown()

        let directory = try TemporaryDirectory()
        let other = try await PBTServer(
            port: 0, authKey: "short", maximizeMetric: true, data: directory.path,
            logger: Self.quiet)
        await other.shutDown()
        #expect(FileManager.default.fileExists(atPath: directory.path))
    }

    @Test func `A short key is served on this machine only`() async throws {
        #expect(PBTServer.host(for: "short") == "127.0.0.1")
        #expect(PBTServer.host(for: Self.key) == "0.0.0.0")
        let error = await #expect(throws: CoordinatorError.self) {
            _ = try await PBTServer(
                port: 0, authKey: "short", maximizeMetric: true, host: "0.0.0.0",
                logger: Self.quiet)
        }
        #expect(error?.description.contains("murmur keys generate") == true)
    }

    @Test(arguments: [(0, ""), (65_535, "short"), (-1, "short")])
    func `A server that cannot be is refused with a sentence`(port: Int, key: String) async throws {
        let error = await #expect(throws: CoordinatorError.self) {
            _ = try await PBTServer(
                port: port, authKey: key, maximizeMetric: true, logger: Self.quiet)
        }
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test func `A server that finds its directory in use leaves it as it is`() async throws {
        let server = try await PBTServer(
            port: 0, authKey: "short", maximizeMetric: true, logger: Self.quiet)
        await #expect(throws: CoordinatorError.self) {
            _ = try await PBTServer(
                port: 0, authKey: "short", maximizeMetric: true, data: server.data,
                logger: Self.quiet)
        }
        let url = server.data + "/" + Coordinator.urlFileName
        #expect(FileManager.default.fileExists(atPath: url))
        await server.shutDown()
    }
}

/// What one client did, and what each call returned.
private struct Diary {
    let member: Int
    var entries: [Entry] = []
    /// How often it was told to exploit.
    private var told = 0

    init(member: Int) { self.member = member }

    /// What a user does when it is told to exploit.
    enum Use: CaseIterable {
        case exploitAndExplore, exploit, decline, setAndExploitAndExplore
    }

    struct Entry {
        let path: String
        let metricValue: Double
        /// With which it was trained until this save.
        let hyperparameters: Hyperparameters
        var use: Use?
        var donorsPath: String?
        var donors: Hyperparameters?
        var explored: Hyperparameters?
    }

    mutating func train(_ client: PBTClient, save: Int, metricValue: Double) async throws {
        let path = "/checkpoints/\(member)-\(save)"
        var entry = Entry(
            path: path, metricValue: metricValue, hyperparameters: client.hyperparameters)
        try await client.save(path, metricValue: metricValue)
        #expect(client.parametersPath == path)
        #expect(client.hyperparameters == entry.hyperparameters)
        if client.shouldExploit() {
            let use = Use.allCases[told % Use.allCases.count]
            told += 1
            entry.use = use
            if use == .setAndExploitAndExplore { try client.setHyperparameter("units", 99.5) }
            if use != .decline {
                try client.exploit()
                entry.donorsPath = client.parametersPath
                entry.donors = client.hyperparameters
            }
            if use != .decline, use != .exploit {
                try client.explore()
                entry.explored = client.hyperparameters
                #expect(client.parametersPath == entry.donorsPath)
            }
        }
        entries.append(entry)
    }

    /// - Parameters:
    ///   - reports: the journal's of this member.
    ///   - all: those of every member.
    func compare(
        with reports: [Event.Report], among all: [Event], isBetter: (Double, Double) -> Bool
    ) throws {
        try #require(reports.count == entries.count)
        var step = 0
        var before: Entry?
        for (entry, report) in zip(entries, reports) {
            #expect(report.step == step + 1)
            #expect(report.checkpoint == entry.path)
            #expect(report.score == entry.metricValue)
            #expect(report.hyperparameters == entry.hyperparameters)
            #expect(report.declined == (before?.use == .decline))
            #expect((report.exploit != nil) == (entry.use != nil))
            step = report.step
            if let exploit = report.exploit {
                #expect(isBetter(exploit.score, entry.metricValue))
                let donation = all.first {
                    $0.member == exploit.donor && $0.report?.number == exploit.donorReport
                }?.report
                #expect(donation?.checkpoint == exploit.checkpoint)
                #expect(donation?.score == exploit.score)
                #expect(donation?.hyperparameters == exploit.donorHyperparameters)
                #expect(exploit.operations == [.perturbed, .perturbed])
                compare(entry, with: exploit)
                if entry.use != .decline { step = exploit.step }
            }
            before = entry
        }
    }

    private func compare(_ entry: Entry, with exploit: Event.Exploit) {
        var donors = exploit.donorHyperparameters
        var explored = exploit.hyperparameters
        if entry.use == .setAndExploitAndExplore {
            donors["units"] = 99.5
            explored["units"] = 99.5
        }
        switch entry.use {
        case .decline, nil: #expect(entry.donorsPath == nil)
        case .exploit:
            #expect(entry.donorsPath == exploit.checkpoint)
            #expect(entry.donors == donors)
        case .exploitAndExplore, .setAndExploitAndExplore:
            #expect(entry.donorsPath == exploit.checkpoint)
            #expect(entry.donors == donors)
            #expect(entry.explored == explored)
        }
    }
}
