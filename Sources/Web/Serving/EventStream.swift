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
    private let streams: StreamCount

    /// A line that says nothing keeps the connection, and shows that it is broken.
    private static let quiet = Duration.seconds(15)
    /// In one message come so many events, of the newest.
    private static let mostEvents = 100

    init(
        _ coordinator: FollowedCoordinator, _ population: FollowedPopulation, name: String,
        last: UInt64?, among streams: StreamCount
    ) {
        self.coordinator = coordinator
        self.population = population
        self.name = name
        self.last = last
        self.streams = streams
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
        repeat {
            while try await !tell(&told, writer) { try await Task.sleep(for: pause) }
            try await Task.sleep(for: pause)
        } while await signals.first { _ in true } != nil
    }

    /// Boards come at most so often, and more rarely to many, so that those cost little more than a few.
    private var pause: Duration { .milliseconds(min(max(100, 5 * streams.open), 250)) }

    /// What this browser knows.
    private struct Told {
        var coordinator: CoordinatorState.Coordinator?
        var board: String?
        var sequence: UInt64?
        /// When it was told anything.
        var time = ContinuousClock.now
    }

    /// - Returns: whether it knows all now; otherwise it is too early for more.
    private func tell(_ told: inout Told, _ writer: HTTPWriter) async throws -> Bool {
        var isAll = true
        var text = ""
        let now = await coordinator.coordinator
        if told.coordinator != now {
            told.coordinator = now
            text += Self.message("state", JSONLine.text(now), id: nil)
        }
        // Who was away reads again from the population that there is now.
        if let population = try? await coordinator.population(name) {
            if let board = await population.latestBoardText {
                if board.text != told.board {
                    told.board = board.text
                    text += Self.message("board", board.text, id: nil)
                }
                isAll = board.isNewest
            }
            let news = await population.news(
                since: told.sequence ?? last, most: Self.mostEvents)
            told.sequence = news.sequence
            if let events = news.events {
                text += Self.message("events", events, id: news.sequence)
            }
            if await population.last != news.sequence { isAll = false }
        }
        if text.isEmpty {
            guard ContinuousClock.now - told.time >= Self.quiet else { return isAll }
            text = Self.nothing
        }
        told.time = .now
        try await writer.write(Data(text.utf8))
        return isAll
    }

    /// A comment.
    private static let nothing = ":\n\n"

    private static func message(_ event: String, _ data: String, id: UInt64?) -> String {
        // JSON is one line.
        (id.map { "id: \($0)\n" } ?? "") + "event: \(event)\ndata: \(data)\n\n"
    }
}
