import Messages
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct NewsTests {
    private static func event(_ sequence: UInt64) -> WireEvent {
        var event = WireEvent()
        event.sequence = sequence
        event.member = sequence
        event.reported.exploit.donor = 3
        return event
    }

    private static func lineage(counter: UInt64, _ sequence: UInt64) -> WireBroadcast {
        var message = WireBroadcast()
        message.epoch = 1
        message.counter = counter
        message.committed = sequence
        message.lineage.events = [event(sequence)]
        return message
    }

    private static let history: ScriptedCoordinator.Script = { request, _ in
        guard case .getHistory(let question) = request.body else {
            var board = WireLeaderboard()
            board.population = "digits"
            return .leaderboard(board)
        }
        // All that ever happened is 40 copies, of which a page holds 3.
        var page = WireHistory()
        let rest = (question.after..<40).map { event($0 + 1) }
        page.events = Array(rest.prefix(3))
        page.more = rest.count > 3
        return .history(page)
    }

    @Test func `One subscription gives boards, and every event once and in order`() async throws {
        try await ScriptedCoordinator.with(script: Self.history) { coordinator in
            // Every third message is lost.
            let publishing = Task {
                var counter: UInt64 = 0
                while !Task.isCancelled {
                    counter += 1
                    try await coordinator.publish(MonitorTests.message(counter: counter))
                    if counter.isMultiple(of: 3) { continue }
                    try await coordinator.publish(
                        Self.lineage(counter: counter, min(40, counter)), topic: "digits/lineage")
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { publishing.cancel() }
            let monitor = Monitor(
                address: try Address(coordinator.url), population: nil, patience: .seconds(30),
                timing: WorkerTests.calm)
            var sequences: [UInt64] = []
            var boards = 0
            for try await news in monitor.news(after: 2) {
                switch news {
                case .leaderboard: boards += 1
                case .event(let event): sequences.append(event.sequence)
                }
                if sequences.last == 40 { break }
            }
            #expect(sequences == Array(3...40))
            #expect(boards > 0)
        }
    }

    @Test func `Without a sequence the news are what happens from now on`() async throws {
        try await ScriptedCoordinator.with(script: Self.history) { coordinator in
            let publishing = Task {
                var counter: UInt64 = 0
                while !Task.isCancelled {
                    counter += 1
                    try await coordinator.publish(MonitorTests.message(counter: counter))
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { publishing.cancel() }
            let monitor = Monitor(
                address: try Address(coordinator.url), population: nil, patience: .seconds(30),
                timing: WorkerTests.calm)
            for try await case .event(let event) in monitor.news() {
                // The script says that 7 is committed.
                #expect(event.sequence == 8)
                break
            }
        }
    }

    @Test func `A history that cannot be had ends the news with the reason`() async throws {
        try await ScriptedCoordinator.with { request, _ in
            if case .getHistory = request.body { return .refusal(.noPopulation) }
            var board = WireLeaderboard()
            board.population = "digits"
            return .leaderboard(board)
        } _: { coordinator in
            let publishing = Task {
                while !Task.isCancelled {
                    try await coordinator.publish(MonitorTests.message(counter: 1))
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { publishing.cancel() }
            let monitor = Monitor(
                address: try Address(coordinator.url), population: nil, patience: .seconds(30),
                timing: WorkerTests.calm)
            await #expect(throws: MurmurationError.noPopulation("The script says NO_POPULATION.")) {
                for try await case .event in monitor.news() {}
            }
        }
    }
}
