import Coordinator
import Messages
import Murmuration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
    @Test func `A monitor that comes when nothing happens any more has the right board`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(
            in: directory, secret: "0123456789abcdefghijkl")
        let url = try #require(coordinator.url)
        let administrator = try Administrator(url: url)
        var creation = WireCreatePopulation()
        creation.name = "p"
        creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
        creation.populationSize = 8
        _ = try await administrator.createPopulation(creation)
        for _ in 0..<4 {
            let worker = try await Worker.join(url: url)
            _ = try await worker.report(
                step: 1, score: Double(worker.member), checkpoint: "/c/\(worker.member)")
            try await worker.leave()
        }
        // How soon is told by BroadcastTests, with a clock that they turn.
        var boards = try Monitor(url: url, population: "p").makeAsyncIterator()
        let board = try await boards.next()
        let asked = try await administrator.leaderboard("p")
        #expect(board == asked)
        #expect(asked.summary.ranked == 4)
        await administrator.close()
        await coordinator.shutDown()
    }

    @Test func `A worker sees its own population's board change as it reports`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(in: directory, secret: nil)
        let url = try #require(coordinator.url)
        try await Administrator.with(Address(url)) { administrator in
            for name in ["a", "b"] {
                var creation = WireCreatePopulation()
                creation.name = name
                creation.space = "name,min,max,scale\nrate,0.001,1,log\n"
                creation.populationSize = 1
                _ = try await administrator.createPopulation(creation)
            }
        }
        let worker = try await Worker.join(url: url, population: "b")
        var boards = worker.leaderboards.makeAsyncIterator()
        var board = try #require(try await boards.next())
        #expect(board.population == "b")
        #expect(board.summary.training == 1)
        _ = try await worker.report(step: 1, score: 42, checkpoint: "/c")
        while board.entries.first?.score != 42 { board = try #require(try await boards.next()) }
        #expect(board.entries.count == 1)
        try await worker.leave()
        await coordinator.shutDown()
    }
}
