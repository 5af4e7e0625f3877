import Foundation
import HTTP
import Histories
import Murmuration

/// What is asked about one population.
struct PopulationAPI: Sendable {
    let population: FollowedPopulation
    let name: String
    /// `nil` while nobody can be asked.
    let source: OpenSource?

    /// Answers that look at everything are kept for so long while something happens.
    private static let heavy = Duration.seconds(1)
    private static let light = Duration.milliseconds(200)
    private static let mostPoints = 2000

    init(_ population: FollowedPopulation, name: String, source: OpenSource?) {
        self.population = population
        self.name = name
        self.source = source
    }

    func questions() throws -> Questions {
        guard let source else {
            throw Refusal(
                .unavailable, "The coordinator does not answer now; try again when it is back.")
        }
        return source.questions()
    }

    /// One line of JSON.
    func answer(_ path: [String], _ parameters: Parameters) async throws -> String {
        let key = path.joined(separator: "/") + "?" + parameters.key
        switch (path[0], path.count) {
        case ("board", 1): return try await board(parameters, key: key)
        case ("scores", 1):
            let points = try parameters.integer("points", 300, in: 1...Self.mostPoints)
            let (by, metric) = (try parameters.by, parameters.metric)
            let (from, to) = (try parameters.number("from"), try parameters.number("to"))
            return try await population.answer(key, keeping: Self.heavy) { overview in
                let curve = ScoreCurve(
                    overview, by: by, metric: metric, points: points, from: from, to: to,
                    minimize: overview.population.minimize && metric == nil)
                guard let curve else { throw Self.noMetric(metric, overview) }
                return Self.text(curve, overview)
            }
        case ("members", 1): return try await members(parameters, key: key)
        case ("members", 2): return try await member(path[1], key: key)
        case ("lines", 1):
            let members = try parameters.members(atMost: LinesAnswer.mostMembers)
            let points = try parameters.integer("points", 500, in: 1...Self.mostPoints)
            let (by, metric) = (try parameters.by, parameters.metric)
            return try await population.answer(key, keeping: Self.heavy) { overview in
                let lines = LinesAnswer(
                    overview, members: members, by: by, metric: metric, points: points)
                guard let lines else { throw Self.noMetric(metric, overview) }
                return Self.text(lines, overview)
            }
        case ("lineage", 1):
            let nodes = try parameters.integer("nodes", 2000, in: 1...5000)
            return try await population.answer(key, keeping: Self.heavy) { overview in
                JSONLine.text(try LineageAnswer(overview, most: nodes))
            }
        case ("hyperparameters", 1): return try await hyperparameters(parameters, key: key)
        case ("workers", 1):
            return await population.answer(key, keeping: Self.light) { overview in
                Self.text(WorkerTable(overview.workers, at: Date()), overview)
            }
        case ("diversity", 1):
            let points = try parameters.integer("points", 200, in: 1...Self.mostPoints)
            let by = try parameters.by
            return await population.answer(key, keeping: Self.heavy) { overview in
                Self.text(DiversityAnswer(overview, by: by, points: points), overview)
            }
        case ("events", 1): return try await events(parameters)
        case ("best", 1):
            return try await population.answer(
                key, keeping: Self.heavy, asking: { try await best() })
        case ("schedule", 1):
            return try await population.answer(
                key, keeping: Self.heavy,
                asking: { JSONLine.text(try await schedule(parameters)) })
        default:
            throw Refusal(.notFound, "There is no such question about a population.")
        }
    }

    private static func text(_ value: some Encodable, _ overview: Overview) -> String {
        JSONLine.text(Committed(committed: overview.last, value: value))
    }

    private static func noMetric(_ metric: String?, _ overview: Overview) -> Refusal {
        let known = overview.reports.metricNames.prefix(8).map(Terminal.escaped)
        return Refusal(
            .notFound,
            """
            No report has a metric '\(Terminal.escaped(metric ?? ""))'; there are: \
            \((["score"] + known).joined(separator: ", ")).
            """)
    }

    private func board(_ parameters: Parameters, key: String) async throws -> String {
        let offset = try parameters.integer("offset", 0, in: 0...1_000_000)
        let limit = try parameters.integer("limit", 100, in: 1...1000)
        return try await population.answer(
            key, keeping: Self.light,
            asking: {
                let (questions, name) = (try questions(), name)
                let board = try await BoardPages(limit: limit).collect { first, limit in
                    try await questions.leaderboard(of: name, offset: offset + first, limit: limit)
                }
                return await population.boardText(board)
            })
    }

    private func members(_ parameters: Parameters, key: String) async throws -> String {
        let limit = try parameters.integer("limit", 100, in: 1...1000)
        let offset = try parameters.integer("offset", 0, in: 0...1_000_000)
        let sort = parameters.text("sort") ?? "member"
        let isReversed = sort.hasPrefix("-")
        guard let order = MemberTable.Order(rawValue: isReversed ? String(sort.dropFirst()) : sort)
        else { throw Refusal(.badRequest, "sort names a column, as in sort=-score.") }
        return await population.answer(key, keeping: Self.heavy) { overview in
            Self.text(
                MemberTable(
                    overview, order: order, isReversed: isReversed, offset: offset, limit: limit),
                overview)
        }
    }

    private func member(_ text: String, key: String) async throws -> String {
        guard let member = Int(text), member >= 0 else {
            throw Refusal(.badRequest, "Members are numbered from 0.")
        }
        return try await population.answer(
            key, keeping: Self.heavy,
            asking: {
                let questions = try questions()
                try await check(member)
                let events = try await questions.story(of: member, in: name)
                let schedule = try await questions.schedule(of: member, in: name)
                return await population.read { overview in
                    Self.text(
                        MemberAnswer(member, events: events, schedule: schedule, overview),
                        overview)
                }
            })
    }

    private func hyperparameters(_ parameters: Parameters, key: String) async throws -> String {
        let points = try parameters.integer("points", 200, in: 1...Self.mostPoints)
        let by = try parameters.by
        return try await population.answer(
            key, keeping: Self.heavy,
            asking: {
                let winner = try await winner
                return await population.read { overview in
                    Self.text(
                        HyperparameterAnswer(overview, winner: winner, by: by, points: points),
                        overview)
                }
            })
    }

    /// Whose line led to the best state; `nil` before there is one.
    private var winner: HyperparameterAnswer.Winner? {
        get async throws {
            let questions = try questions()
            let board = try await questions.leaderboard(of: name, limit: 1)
            let segments = try await questions.bestSchedule(in: name)
            guard let member = segments.last?.member else { return nil }
            let schedule = ScheduleText(
                population: name, member: member, minimize: board.minimize, segments: segments)
            return HyperparameterAnswer.Winner(member: member, segments: schedule.segments)
        }
    }

    private func best() async throws -> String {
        let board = try await questions().leaderboard(of: name, limit: 1)
        guard let best = BestState(board, isCurrent: false) else {
            throw Refusal(.notFound, Failure.noBest(of: Terminal.escaped(name)).description)
        }
        return JSONLine.text(
            BestAnswer(committed: board.committed, best: best, command: BestAnswer.command(name)))
    }

    private func check(_ member: Int) async throws {
        do {
            try await questions().check(member: member, of: name)
        } catch let failure as Failure {
            throw Refusal(.notFound, failure.description)
        }
    }

    func schedule(_ parameters: Parameters) async throws -> ScheduleText {
        let questions = try questions()
        let board = try await questions.leaderboard(of: name, limit: 1)
        guard parameters.text("member") != nil else {
            do {
                return try await questions.bestScheduleText(of: board)
            } catch let failure as Failure {
                throw Refusal(.notFound, failure.description)
            }
        }
        let member = try parameters.integer("member", 0, in: 0...Int(Int32.max))
        try await check(member)
        let segments = try await questions.schedule(of: member, in: name)
        return ScheduleText(
            population: name, member: member, minimize: board.minimize, segments: segments)
    }
}
