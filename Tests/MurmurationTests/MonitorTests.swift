import Messages
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct MonitorTests {
    static func message(epoch: UInt64 = 1, counter: UInt64, reports: UInt64 = 0) -> WireBroadcast {
        var board = WireLeaderboard()
        board.population = "digits"
        board.summary.reports = reports
        var message = WireBroadcast()
        message.epoch = epoch
        message.counter = counter
        message.committed = counter * 10
        message.leaderboard = board
        return message
    }

    @Test func `A monitor yields its population's boards`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            var board = WireLeaderboard()
            board.population = "digits"
            return .leaderboard(board)
        } _: { coordinator in
            // Boards come again and again, as a coordinator sends them.
            let publishing = Task {
                var counter: UInt64 = 0
                while !Task.isCancelled {
                    counter += 1
                    try await coordinator.publish(
                        Self.message(counter: counter, reports: 99), topic: "digits/leaderboard2")
                    try await coordinator.publish(Self.message(counter: counter, reports: counter))
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { publishing.cancel() }
            let monitor = Monitor(
                address: try Address(coordinator.url), population: nil, patience: .seconds(30),
                timing: WorkerTests.calm)
            var boards: [Leaderboard] = []
            for try await board in monitor {
                boards.append(board)
                if boards.count == 3 { break }
            }
            #expect(boards.allSatisfy { $0.population == "digits" })
            #expect(boards.allSatisfy { $0.summary.reports * 10 == Int($0.committed) })
            #expect(boards.map(\.committed) == boards.map(\.committed).sorted())
            #expect(Set(boards.map(\.committed)).count == 3)
        }
    }

    @Test func `A monitor of a population that is not there says so`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .refusal(.noPopulation)
        } _: { coordinator in
            var boards = Monitor(
                address: try Address(coordinator.url), population: "other",
                patience: .seconds(30), timing: WorkerTests.calm
            ).makeAsyncIterator()
            await #expect(throws: MurmurationError.noPopulation("The script says NO_POPULATION.")) {
                _ = try await boards.next()
            }
        }
    }

    @Test func `A monitor that hears nothing for too long says so`() async throws {
        try await ScriptedCoordinator.with { _, _ in
            .leaderboard(WireLeaderboard())
        } _: { coordinator in
            let address = try Address(coordinator.url)
            var boards = Monitor(
                address: address, population: nil, patience: .milliseconds(500),
                timing: WorkerTests.calm
            ).makeAsyncIterator()
            let error = await #expect(throws: MurmurationError.self) { _ = try await boards.next() }
            // It may still be connecting.
            let silences = [
                MurmurationError.unreachable(address: address.description),
                .silent(address: address.description),
            ]
            #expect(error.map(silences.contains) == true)
        }
    }

    // MARK: - What is newer

    @Test func `Boards that are older than the last are dropped`() {
        var filter = BoardFilter()
        let now = ContinuousClock.now
        func admits(_ epoch: UInt64, _ counter: UInt64) -> Bool {
            filter.admit(Self.message(epoch: epoch, counter: counter), at: now) != nil
        }
        #expect(admits(1, 5))
        #expect(!admits(1, 5))
        #expect(!admits(1, 4))
        #expect(admits(1, 6))
        #expect(admits(2, 1))
        #expect(!admits(1, 7))
        #expect(admits(2, 2))
    }

    @Test func `A coordinator that began anew is believed after a while`() {
        var filter = BoardFilter()
        let now = ContinuousClock.now
        let old = Self.message(epoch: 5, counter: 9)
        let new = Self.message(epoch: 1, counter: 1)
        #expect(filter.admit(old, at: now) != nil)
        #expect(filter.admit(new, at: now + .seconds(1)) == nil)
        #expect(filter.admit(new, at: now + BoardFilter.memory) != nil)
    }
}
