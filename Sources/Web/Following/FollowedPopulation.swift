import Foundation
import Histories
import Murmuration

/// One population: its board as it is published, and all its events, folded once.
actor FollowedPopulation {
    private(set) var overview: Overview
    private(set) var board: Leaderboard?
    private(set) var epoch: UInt64?
    private var heard = Date()
    private var pace = Pace()
    private var isLoaded = false
    private var cache = AnswerCache()
    private var asking: [String: Task<String, any Error>] = [:]
    var items = EventItems()
    var newsStep = NewsStep()
    /// Counts what changed, for answers that are kept.
    private(set) var version = 0
    nonisolated let boards = Changes()
    nonisolated let events = Changes()

    /// Between two looks into the history while boards come.
    private static let pause = Duration.milliseconds(200)

    init(_ population: Population) {
        overview = Overview(population)
    }

    /// Reads what happened, and from a coordinator that runs what happens.
    func follow(_ opened: OpenSource) async throws {
        let name = overview.population.name
        try await begin(opened)
        guard let monitor = opened.monitor else { return try await catchUp(opened) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // A long history is no reason to show an old board.
            group.addTask {
                for try await board in try monitor(name) { await self.take(board) }
            }
            group.addTask {
                try await self.catchUp(opened)
                for await _ in self.boards.stream() {
                    if await self.isBehind { try await self.catchUp(opened) }
                    try await Task.sleep(for: Self.pause)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func begin(_ opened: OpenSource) async throws {
        let (population, board) = try await opened.described(overview.population.name)
        if board.committed < overview.last { forget() }
        overview.population = population
        take(board)
    }

    /// Another journal: nothing of the former one belongs to it.
    private func forget() {
        overview = Overview(overview.population)
        items = EventItems()
        newsStep = NewsStep()
        pace = Pace()
        asked = 0
        journal += 1
    }

    private func take(_ board: Leaderboard) {
        if let former = self.board, board.epoch == former.epoch, board.committed < former.committed
        {
            return
        }
        if let former = self.board, board.epoch != former.epoch, board.committed < overview.last {
            forget()
        }
        self.board = board
        epoch = board.epoch
        heard = Date()
        pace.add(board, at: .now)
        version += 1
        boards.tell()
    }

    private var isBehind: Bool { (board?.committed ?? 0) > asked }
    /// The journal's sequence up to which everything was taken in.
    private var asked: UInt64 = 0
    /// Counts the journals, as far as they can be told apart.
    private var journal = 0

    /// A coordinator that reads a page for this one decides on no reports meanwhile: what is left to
    /// it is so many times as long.
    private var rest: Int { isLoaded ? 9 : 1 }

    private func catchUp(_ opened: OpenSource) async throws {
        let goal = board?.committed ?? 0
        if let board { overview.population.update(from: board) }
        var after = overview.last
        let journal = journal
        while true {
            let began = ContinuousClock.now
            let page = try await opened.history(of: overview.population.name, after: after)
            let took = ContinuousClock.now - began
            guard journal == self.journal else { return }
            for event in page.events where event.sequence > overview.last {
                try overview.add(event)
            }
            let hasMore = page.more && page.last > after
            after = page.last
            if !page.events.isEmpty {
                version += 1
                events.tell()
            }
            // What comes while it is read is no history of before.
            if !isLoaded, !hasMore || after >= goal {
                isLoaded = true
                version += 1
                events.tell()
            }
            if !hasMore { break }
            if opened.isLive { try await Task.sleep(for: took * rest) }
        }
        asked = max(goal, after)
    }

    // MARK: - For answers

    var progress: (committed: UInt64, isLoading: Bool) { (overview.last, !isLoaded) }

    /// `nil` before a board was heard.
    var figures: Figures.OfPopulation? {
        board.map {
            Figures.OfPopulation(
                name: overview.population.name, summary: $0.summary, best: $0.best?.score,
                age: .seconds(Date().timeIntervalSince(heard)), isLoading: !isLoaded,
                beginningsAlive: overview.diversity.beginningsAlive,
                largestFamilyShare: overview.diversity.largestFamilyShare)
        }
    }

    /// An answer that was given a moment ago, or a new one.
    func answer(
        _ key: String, keeping time: Duration, _ make: @Sendable (Overview) throws -> String
    ) rethrows -> String {
        if let known = cache.find(key, version: version, within: time) { return known }
        let text = try make(overview)
        cache.keep(text, for: key, version: version)
        return text
    }

    func read<Result: Sendable>(
        _ body: @Sendable (Overview) throws -> Result
    ) rethrows -> Result {
        try body(overview)
    }

    /// The same for an answer that the coordinator is asked for: whoever asks meanwhile gets it too.
    func answer(
        _ key: String, keeping time: Duration,
        asking make: @escaping @Sendable () async throws -> String
    ) async throws -> String {
        if let known = cache.find(key, version: version, within: time) { return known }
        if let asked = asking[key] { return try await asked.value }
        let version = version
        let asked = Task(operation: make)
        asking[key] = asked
        defer { asking[key] = nil }
        let text = try await asked.value
        cache.keep(text, for: key, version: version)
        return text
    }

    /// The board with what is known of how it came to it.
    func boardText(_ board: Leaderboard) -> String {
        let explanation = Explanation(population: overview.population)
        return JSONLine.text(
            BoardAnswer(
                board: board, time: (overview.lastTime ?? heard), pace: pace.rates(of: board),
                copies: overview.recent.copies.reversed().map {
                    BoardAnswer.Copy($0, explanation)
                }))
    }

    /// What no question is called.
    private static let newest = "newest board"
    /// A board is written at most so often, for all streams together.
    private static let boardPause = Duration.milliseconds(100)

    /// A board that was heard, and whether it tells all that is known; `nil` before there is one.
    var latestBoardText: (text: String, isNewest: Bool)? {
        guard let board else { return nil }
        if let known = cache.find(Self.newest, version: version, within: .zero) {
            return (known, true)
        }
        if let known = cache.find(Self.newest, version: version, within: Self.boardPause) {
            return (known, false)
        }
        let text = boardText(board)
        cache.keep(text, for: Self.newest, version: version)
        return (text, true)
    }
}

extension OpenSource {
    fileprivate func described(_ name: String) async throws -> (Population, Leaderboard) {
        let questions = questions()
        let population = try await questions.population(named: name)
        return (population, try await questions.leaderboard(of: name, limit: mostShown))
    }

    /// As many entries as a broadcast board has.
    private var mostShown: Int { 50 }

    fileprivate func history(
        of name: String, after sequence: UInt64
    ) async throws -> (events: [Event], last: UInt64, more: Bool, pruned: UInt64) {
        try await questions().history(of: name, after: sequence)
    }
}

extension Population {
    /// What of it a board says too.
    fileprivate mutating func update(from board: Leaderboard) {
        status = board.summary.status
        members = board.summary.members
        reports = board.summary.reports
        exploits = board.summary.exploits
        finished = board.summary.finished
        training = board.summary.training
        lost = board.summary.lost
        generation = board.summary.generation
        if let steps = board.summary.maxSteps {
            settings["max_steps"] = .integer(UInt64(clamping: steps))
        }
    }
}
