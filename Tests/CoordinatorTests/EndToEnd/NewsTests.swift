import Coordinator
import Messages
import Murmuration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct NewsTests {
    /// Each of six members reports, worse than those before it, so that the last one copies another.
    private func train(at url: String, to step: Int) async throws {
        for round in 1...6 {
            let worker = try await Worker.join(url: url)
            _ = try await worker.report(
                step: step, score: Double(-round - 100 * step),
                checkpoint: "/c/\(worker.member)-\(step)-\(round)")
            try await worker.leave()
        }
    }

    private static let creation: WireCreatePopulation = {
        var creation = WireCreatePopulation()
        creation.name = "p"
        creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
        creation.populationSize = 6
        return creation
    }()

    @Test func `News tell of copies before and after they began, over a restart too`() async throws
    {
        let directory = try TemporaryDirectory()
        var coordinator = try await Coordinator.serving(in: directory, secret: nil)
        let url = try #require(coordinator.url)
        try await Administrator.with(Address(url)) {
            _ = try await $0.createPopulation(Self.creation)
        }
        try await train(at: url, to: 1)
        try await train(at: url, to: 2)

        var news = try Monitor(url: url).news(after: 0).makeAsyncIterator()
        var seen: [Event] = []
        func see(_ count: Int) async throws {
            while seen.count < count, let next = try await news.next() {
                if case .event(let event) = next { seen.append(event) }
            }
        }
        func copies() async throws -> [Event] {
            try await Administrator.with(Address(url)) { administrator in
                try await administrator.history("p").filter { $0.report?.exploit != nil }
            }
        }
        var expected = try await copies()
        #expect(expected.count > 0)
        try await see(expected.count)
        #expect(seen == expected)

        try await train(at: url, to: 3)
        expected = try await copies()
        #expect(expected.count > seen.count)
        try await see(expected.count)
        #expect(seen == expected)

        let broadcastPort = try await Administrator.with(Address(url)) {
            try await $0.broadcastPort()
        }
        await coordinator.shutDown()
        coordinator = try await Coordinator.serving(
            in: directory, secret: nil, port: Address(url).port, broadcastPort: broadcastPort)
        try await train(at: url, to: 4)
        expected = try await copies()
        #expect(expected.count > seen.count)
        try await see(expected.count)
        #expect(seen == expected)
        await coordinator.shutDown()
    }
}
