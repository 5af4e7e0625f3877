import Foundation
import HTTP
import Histories
import Murmuration

/// What one browser is told as it happens: server-sent events. It reads as fast as it can; what is
/// new meanwhile comes in one, and of boards only the newest.
struct EventStream: Sendable {
    private let coordinator: FollowedCoordinator
    private let population: FollowedPopulation
    private let name: String
    private let last: UInt64?

    /// Boards come at most so often.
    private static let pause = Duration.milliseconds(100)
    /// A line that says nothing keeps the connection, and shows that it is broken.
    private static let quiet = Duration.seconds(15)
    /// Events in one message, and those that are made up for after a break.
    private static let mostEvents = 200

    init(
        _ coordinator: FollowedCoordinator, _ population: FollowedPopulation, name: String,
        last: UInt64?
    ) {
        self.coordinator = coordinator
        self.population = population
        self.name = name
        self.last = last
    }

    func write(to writer: HTTPWriter) async throws {
        let (signals, signal) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            let all = [population.boards, population.events, coordinator.changes]
            for changes in all.map({ $0.stream() }) {
                group.addTask { for await _ in changes { signal.yield() } }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.quiet)
                    signal.yield()
                }
            }
            group.addTask { try await tell(signals, writer) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func tell(_ signals: AsyncStream<Void>, _ writer: HTTPWriter) async throws {
        var told = Told()
        try await writer.write(Data("retry: 1000\n\n".utf8))
        try await tell(&told, writer)
        for await _ in signals {
            try await tell(&told, writer)
            try await Task.sleep(for: Self.pause)
        }
    }

    /// What this browser knows.
    private struct Told {
        var coordinator: CoordinatorState.Coordinator?
        var board: String?
        var sequence: UInt64?
        /// When it was told anything.
        var time = ContinuousClock.now
    }

    private func tell(_ told: inout Told, _ writer: HTTPWriter) async throws {
        var text = ""
        let now = await coordinator.coordinator
        if told.coordinator != now {
            told.coordinator = now
            text += Self.message("state", JSONLine.text(now), id: nil)
        }
        // Who was away reads again from the population that there is now.
        if let population = try? await coordinator.population(name) {
            let board = await population.latestBoardText
            if let board, board != told.board {
                told.board = board
                text += Self.message("board", board, id: nil)
            }
            let since = told.sequence ?? last
            let (events, sequence) = await population.news(since: since, most: Self.mostEvents)
            told.sequence = sequence
            if let events { text += Self.message("events", events, id: sequence) }
        }
        if text.isEmpty {
            guard ContinuousClock.now - told.time >= Self.quiet else { return }
            text = Self.nothing
        }
        told.time = .now
        try await writer.write(Data(text.utf8))
    }

    /// A comment.
    private static let nothing = ":\n\n"

    private static func message(_ event: String, _ data: String, id: UInt64?) -> String {
        // JSON is one line.
        (id.map { "id: \($0)\n" } ?? "") + "event: \(event)\ndata: \(data)\n\n"
    }
}

extension FollowedPopulation {
    /// What happened since an event, as a stream says it; `nil` for nothing. Without an event all that
    /// comes is new.
    fileprivate func news(since: UInt64?, most: Int) -> (events: String?, sequence: UInt64) {
        let last = overview.last
        guard let since, since != last else { return (nil, last) }
        let recent = overview.recent.events
        let explanation = Explanation(population: overview.population)
        // Another journal, or more than is remembered.
        guard since < last, let first = recent.first, first.sequence <= since + 1 else {
            return (#"{"reload":true}"#, last)
        }
        let all = recent.reversed().prefix { $0.sequence > since }.reversed()
        let shown = all.suffix(most).map { EventAnswer.item($0, explanation) }
        let text =
            #"{"committed":\#(last),"events":[\#(shown.joined(separator: ","))],"#
            + #""skipped":\#(all.count - shown.count)}"#
        return (text, last)
    }
}
