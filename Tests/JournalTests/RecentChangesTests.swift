import Evolution
import Foundation
import GRDB
import Records
import TestSupport
import Testing

@testable import Journal

/// Changes that wait in `recent`: whoever reads the journal finds them, whenever the process dies.
struct RecentChangesTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `After each commit the journal is what was committed, and so is what a kill leaves`(
        seed: UInt64
    ) throws {
        var training = RandomTraining(seed: seed)
        let deferral = Deferral(most: Int(seed) * 15 + 20)
        var journal: Journal? = try open(deferral)
        try journal?.commit(training.begin())
        let reader = try Journal(directory: directory.path, access: .read)
        var waited = 0
        for turn in 0..<20 {
            if turn % 10 == 9 {
                journal = nil
                journal = try open(deferral)
            }
            let written = try #require(journal)
            try written.commit(training.batch())
            let state = training.state
            #expect(try State(of: written) == state)
            #expect(try State(of: reader) == state)
            let copied = try TemporaryDirectory(copyOf: directory)
            #expect(try State(of: Journal(directory: copied.path, access: .read)) == state)
            #expect(
                try Journal(directory: copied.path, access: .read).malformedRows(limit: 1) == [])
            if turn % 3 == 0 {
                let restarted = try Journal(directory: copied.path, access: .write)
                #expect(try rows(in: restarted.queue, of: "recent") == 0)
                #expect(try State(of: restarted) == state)
                #expect(try restarted.misplacedEvents(limit: 1) == [])
            }
            if try rows(in: written.queue, of: "recent") > 0 { waited += 1 }
            #expect(try written.misplacedEvents(limit: 1) == [])
        }
        #expect((1..<20).contains(waited))
    }

    @Test(arguments: [
        Deferral(most: 1000), Deferral(most: 40),
    ])
    func `A batch that the disk refuses changes nothing, and is committed later`(
        deferral: Deferral
    ) throws {
        var training = RandomTraining(seed: 5)
        let journal = try open(deferral)
        try journal.commit(training.begin())
        var refusals = 0
        for round in 0..<200 {
            let (earlier, sequence) = (training, journal.sequence)
            let batch = training.batch()
            try limitPages(of: journal, to: 1)
            do {
                try journal.commit(batch)
            } catch {
                #expect(error == .full(directory.path))
                refusals += 1
                let before = earlier.state
                #expect(journal.sequence == sequence)
                #expect(try State(of: journal) == before)
                let reader = try Journal(directory: directory.path, access: .read)
                #expect(try State(of: reader) == before)
                try limitPages(of: journal, to: 1 << 30)
                try journal.commit(batch)
            }
            // Reading all of it takes its time.
            guard round % 20 == 19 else { continue }
            #expect(try State(of: journal) == training.state)
        }
        #expect(refusals > 1)
    }

    @Test func `Rows that the disk refuses wait on`() throws {
        var training = RandomTraining(seed: 6)
        let journal = try open(Deferral(few: 1_000_000, most: 1_000_000))
        try journal.commit(training.begin())
        // So many that there is no room for their rows on the pages that are there.
        var batch: [Change] = []
        for _ in 0..<1000 { batch += training.batch() }
        try journal.commit(batch)
        try limitPages(of: journal, to: 1)
        #expect(throws: JournalError.full(directory.path)) { try journal.settle() }
        #expect(try rows(in: journal.queue, of: "recent") == 2)
        #expect(try State(of: journal) == training.state)
        try limitPages(of: journal, to: 1 << 30)
        try journal.settle()
        #expect(try rows(in: journal.queue, of: "recent") == 0)
        #expect(try State(of: journal) == training.state)
    }

    @Test func `With nothing to do, every row is in its table`() throws {
        var training = RandomTraining(seed: 3)
        let journal = try Journal(directory: directory.path, access: .write)
        try journal.commit(training.begin())
        try journal.settle()
        for _ in 0..<20 {
            let batch = training.batch()
            try journal.commit(batch)
            #expect(try rows(in: journal.queue, of: "recent") == (batch.isEmpty ? 0 : 1))
            try journal.settle()
            #expect(try rows(in: journal.queue, of: "recent") == 0)
            for population in training.populationRecords {
                let stored = try journal.queue.read { database in
                    try Row.fetchOne(
                        database, sql: "SELECT * FROM population WHERE id = ?",
                        arguments: [population.id])
                }
                #expect(stored?["status"] == population.status.rawValue)
                #expect(stored?["generation"] == population.generation)
                #expect(stored?["best_report"] == population.best?.report)
            }
            #expect(try rows(in: journal.queue, of: "lease") == training.state.leases.count)
            #expect(try rows(in: journal.queue, of: "release") == training.state.releases.count)
        }
    }

    @Test func `Rows wait until too many do`() throws {
        var training = RandomTraining(seed: 4)
        let journal = try open(Deferral(most: 50))
        try journal.commit(training.begin())
        var waiting = 0
        var counts: [Int] = []
        for _ in 0..<60 {
            let batch = training.batch()
            try journal.commit(batch)
            let count = try rows(in: journal.queue, of: "recent")
            waiting = count == 0 ? 0 : waiting + batch.count
            #expect(waiting <= 50)
            counts.append(count)
        }
        #expect(counts.contains(0) && counts.contains { $0 > 5 })
    }

    @Test func `A batch without events or present state leaves nothing waiting`() throws {
        let journal = try open(Deferral())
        try journal.commit([
            .answer(AnswerRecord(key: [1], digest: 2, reply: [3], time: 4))
        ])
        #expect(try rows(in: journal.queue, of: "recent") == 0)
        try journal.commit([.forgetLease(7)])
        #expect(try rows(in: journal.queue, of: "recent") == 1)
        try journal.commit([.forgetAnswer(key: [1])])
        #expect(try rows(in: journal.queue, of: "recent") == 1)
        #expect(try journal.answers().isEmpty)
    }

    @Test func `More wait while they are of many rows`() throws {
        let deferral = Deferral(few: 10, changesOfRow: 3, most: 40)
        func commits(beforeWritten token: (Int) -> UInt64) throws -> Int {
            let journal = try open(deferral)
            for number in 0..<100 {
                try journal.commit([.forgetLease(token(number))])
                if try rows(in: journal.queue, of: "recent") == 0 { return number }
            }
            return 100
        }
        #expect(try commits { _ in 7 } == 10)
        #expect(try commits { UInt64($0 % 5) } == 15)
        #expect(try commits { UInt64($0) } == 40)
    }

    @Test func `Events are found without looking at others'`() throws {
        var training = RandomTraining(seed: 1)
        let journal = try open(Deferral())
        try journal.commit(training.begin())
        try journal.settle()
        try journal.commit(training.batch())
        let places = try journal.queue.read { try journal.places(ofEventsIn: $0) }
        func plan(_ sql: String, _ arguments: Int) throws -> String {
            try journal.queue.read { database in
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + sql,
                    arguments: StatementArguments(Array(repeating: 0, count: arguments))
                ).map { try $0.get("detail") }.joined(separator: "; ")
            }
        }
        let event = "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)"
        // Those that wait are few.
        let waiting = "SEARCH place USING INTEGER PRIMARY KEY (rowid>?); " + event
        #expect(
            try places.map { try plan($0.page("event.*", $0.ofMember), 4) } == [
                """
                SEARCH place USING PRIMARY KEY (population=? AND member=? AND sequence>? \
                AND sequence<?); \(event)
                """, waiting,
            ])
        #expect(
            try places.map { try plan($0.page("event.*", $0.ofPopulation), 3) } == [
                """
                SEARCH place USING PRIMARY KEY (population=? AND sequence>? AND sequence<?); \
                \(event)
                """, waiting,
            ])
        for kind in [RowKind.eventsOfMembers, .eventsOfPopulations] {
            let settling = try plan(RowKind.sql[kind.rawValue], 1)
            #expect(settling.hasPrefix("SEARCH event USING INTEGER PRIMARY KEY (rowid>?)"))
        }
    }

    @Test func `A few bytes stand for no long text`() throws {
        let long = String(repeating: "c", count: 4097)
        for checkpoint in [long, String(long.dropLast())] {
            let release = ReleaseRecord(
                number: 1, population: 0, member: nil, checkpoint: checkpoint)
            let bytes = written([.release(release)])
            if checkpoint == long {
                #expect(throws: DamagedChanges.self) { try read(bytes) }
            } else {
                #expect(try read(bytes).count == 1)
            }
        }
    }

    @Test func `Recent changes of no population, or that cannot be read, are refused`() throws {
        var training = RandomTraining(seed: 2)
        let journal = try open(Deferral(most: 1000))
        try journal.commit(training.begin())
        try journal.settle()
        try journal.commit(training.batch())
        for damage in [
            "UPDATE recent SET changes = x'FF'", "UPDATE recent SET changes = x'01'",
            "UPDATE population SET hyperparameters = 'one'", "DELETE FROM population",
            "UPDATE recent SET first_event = 1",
            "UPDATE recent SET first_event = (SELECT max(sequence) + 1 FROM event)",
            "UPDATE recent SET changes = 'text' || number",
        ] {
            let copied = try TemporaryDirectory(copyOf: directory)
            let queue = try DatabaseQueue(path: copied.path + "/" + Journal.fileName)
            try queue.write { try $0.execute(sql: damage) }
            try queue.close()
            #expect("\(damage)") {
                _ = try Journal(directory: copied.path, access: .write)
            } throws: { error in
                if case .corrupt = error as? JournalError { true } else { false }
            }
        }
        #expect(try State(of: journal) == training.state)
    }

    // MARK: Bytes

    @Test func `Changes are read as they were written`() throws {
        let changes = samples()
        #expect(try read(written(changes)).map { "\($0)" } == changes.map { "\($0)" })
        let populations = populationSamples()
        let states = try ChangeReader.changes(in: written(populations.map { .population($0) }))
        #expect(states.count == populations.count)
        for (written, population) in zip(states, populations) {
            guard case .population(let state) = written else {
                Issue.record("\(written) is no population")
                continue
            }
            #expect("\(state)" == "\(population.state)")
        }
        #expect(try read([]).isEmpty)
    }

    @Test func `Whatever becomes of the bytes, they are read or refused`() throws {
        let bytes = written(samples() + populationSamples().map { .population($0) })
        for end in 0..<bytes.count {
            // Between two changes they end well.
            if let changes = try? read(Array(bytes[..<end])) {
                #expect(written(changes) == Array(bytes[..<end]))
            }
        }
        var draws = SystemRandomNumberGenerator()
        for index in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &draws)] {
                var damaged = bytes
                damaged[index] = value
                _ = try? read(damaged)
            }
        }
    }

    private func samples() -> [Change] {
        let values: [Value] = [
            .number(-0.0), .number(.infinity), .integer(.min), .integer(.max), .text("é\0🐦"),
            .flag(true), .flag(false),
        ]
        var member = Member(id: 1 << 40, hyperparameters: values)
        member.step = 7
        member.latest = CommittedState(
            member: 3, report: 9, step: 70, score: .nan, hyperparameters: values,
            checkpoint: "/c/0/é")
        member.previous = CommittedState(
            member: 3, report: 8, step: 60, score: -1e300, hyperparameters: values.reversed(),
            checkpoint: "/c/0/è")
        var other = Member(id: 0, hyperparameters: [])
        (other.reports, other.considered, other.generation) = (5, 6, 7)
        (other.donor, other.isLost, other.isRemoved, other.isRescued) = (4, true, true, true)
        other.previous = member.latest
        other.standing = Standing(rank: 1, ranked: 1 << 40)
        other.presence = .away(since: 0)
        member.presence = .held
        var lease = LeaseRecord(
            token: .max, population: 2, member: 3, worker: "w/🐦", sequence: 4, state: .lapsed,
            directive: Array(0...255), time: -1)
        lease.keeps = true
        lease.owner = "someone"
        lease.digest = .max
        var placed = lease
        (placed.token, placed.digest, placed.place) = (1, 0, "rack 3/🐦")
        return [
            .member(population: 0, member), .member(population: 1, other), .lease(lease),
            .lease(placed),
            .forgetLease(1), .forgetLease(.max), .forgetRelease(1 << 63),
            .release(ReleaseRecord(number: .max, population: 1, member: nil, checkpoint: "")),
            .release(ReleaseRecord(number: 0, population: 1, member: 0, checkpoint: "/c/0/è")),
        ]
    }

    private func populationSamples() -> [PopulationRecord] {
        var plain = PopulationRecord(
            id: 0, name: "p", specification: "s", hyperparameters: ["a"], created: 1)
        plain.generation = 1 << 40
        var other = plain
        (other.id, other.status) = (1 << 40, .ended(nil))
        other.best = CommittedState(
            member: 3, report: 9, step: 70, score: .nan,
            hyperparameters: [.number(-0.0), .text("é")], checkpoint: "/c/0/é")
        return [plain, other]
    }

    private func written(_ changes: [Change]) -> [UInt8] {
        var writer = ChangeWriter()
        for change in changes { writer.write(change) }
        return writer.withBytes { [UInt8]($0) }
    }

    private func read(_ bytes: [UInt8]) throws -> [Change] {
        try ChangeReader.changes(in: bytes).map {
            switch $0 {
            case .whole(let change): return change
            case .population(let state):
                // Its state is all that is written.
                var record = PopulationRecord(
                    id: state.id, name: "", specification: "", hyperparameters: [], created: 0)
                record.take(state)
                return .population(record)
            }
        }
    }

    // MARK: Short forms

    /// It does not wait for the disk, as no machine loses power here.
    private func open(_ deferral: Deferral) throws -> Journal {
        let journal = try Journal(directory: directory.path, access: .write, deferral: deferral)
        try journal.queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = OFF")
        }
        return journal
    }

    private func rows(in queue: DatabaseQueue, of table: String) throws -> Int {
        try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }

    /// SQLite never has fewer than there are.
    private func limitPages(of journal: Journal, to most: Int) throws {
        try journal.queue.writeWithoutTransaction { database in
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(most)")
        }
    }
}

/// What is read of a journal.
private struct State: Equatable {
    var populations: [PopulationRecord] = []
    var members: [[Member]] = []
    var reports: [Int] = []
    var leases: [LeaseRecord] = []
    var releases: [ReleaseRecord] = []
    var events: [EventRecord] = []
    /// Each population's.
    var populationHistories: [[EventRecord]] = []
    /// Each member's.
    var histories: [[EventRecord]] = []
    var lineages: [[Event]] = []

    init() {}

    init(of journal: Journal) throws {
        populations = try journal.populations()
        for population in 0..<RandomTraining.populations {
            let stored = try journal.members(of: population)
            members.append(stored)
            let history = try journal.events(of: population, after: 0, limit: .max)
            populationHistories.append(history)
            let page = try journal.events(
                of: population, after: history.first?.sequence ?? 0, limit: 5)
            #expect(page == Array(history.dropFirst().prefix(5)))
            let descent = try journal.descent(
                of: population, after: 0, limit: .max, lookingAt: .max)
            #expect(descent.events.allSatisfy { $0.population == population })
            reports.append(try journal.counts(of: population).reports)
            for member in stored {
                histories.append(
                    try journal.events(of: population, after: 0, member: member.id, limit: .max))
                lineages.append(
                    try journal.lineage(
                        of: population, member: member.id, throughReport: member.reports))
                // A page of it.
                let page = try journal.events(
                    of: population, after: histories.last?.first?.sequence ?? 0,
                    member: member.id, limit: 3)
                #expect(page == Array(histories.last?.dropFirst().prefix(3) ?? []))
            }
        }
        leases = try journal.leases()
        releases = try journal.releases()
        events = try journal.events(after: 0, limit: .max)
    }
}

/// Batches of changes that a coordinator could commit, and what they lead to.
private struct RandomTraining {
    static let populations = 2
    private var draws: Draws
    private(set) var populationRecords: [PopulationRecord] = []
    private var members: [[Member]] = []
    private var leases: [Int: LeaseRecord] = [:]
    private var releases: [Int: ReleaseRecord] = [:]
    private var events: [EventRecord] = []
    private var number: UInt64 = 0

    /// The same for the same seed.
    private struct Draws: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0x9E37_79B9_7F4A_7C15
        }
    }

    init(seed: UInt64) { draws = Draws(state: seed) }

    mutating func begin() -> [Change] {
        var changes: [Change] = []
        for id in 0..<Self.populations {
            populationRecords.append(
                PopulationRecord(
                    id: id, name: "p\(id)", specification: "", hyperparameters: ["a", "b"],
                    created: 1))
            changes.append(.population(populationRecords[id]))
            members.append([])
            for _ in 0..<3 { changes += addMember(to: id) }
        }
        return changes
    }

    private mutating func addMember(to population: Int) -> [Change] {
        let member = Member(
            id: members[population].count, hyperparameters: [.number(0.5), .integer(1)])
        members[population].append(member)
        return [
            happened(
                .created(hyperparameters: member.hyperparameters), to: member.id, of: population),
            .member(population: population, member),
        ]
    }

    private mutating func happened(
        _ kind: Event.Kind, to member: Int?, of population: Int
    ) -> Change {
        let record = EventRecord(
            sequence: events.count + 1, population: population, time: Int64(events.count),
            event: Event(member: member, kind: kind))
        events.append(record)
        return .event(record)
    }

    mutating func batch() -> [Change] {
        (0..<Int.random(in: 1...5, using: &draws)).flatMap { _ in change() }
    }

    private mutating func change() -> [Change] {
        let population = Int.random(in: 0..<Self.populations, using: &draws)
        switch Int.random(in: 0..<15, using: &draws) {
        case 0: return addMember(to: population)
        case 1: return [happened(.paused, to: nil, of: population)]
        case 2:
            guard let row = leases.keys.sorted().randomElement(using: &draws),
                let lease = leases.removeValue(forKey: row)
            else { return [] }
            return [.forgetLease(lease.token)]
        case 3:
            guard let row = releases.keys.sorted().randomElement(using: &draws),
                let release = releases.removeValue(forKey: row)
            else { return [] }
            return [.forgetRelease(release.number)]
        case 4:
            // Also forgotten in the batch that noted it.
            let release = nextRelease(of: population)
            return [.release(release), .forgetRelease(release.number)]
        case 5:
            // Handed over to other workers: forgotten, and there again under its number.
            guard let row = releases.keys.sorted().randomElement(using: &draws),
                var release = releases[row]
            else { return [] }
            release.member = nil
            releases[row] = release
            return [.forgetRelease(release.number), .release(release)]
        case 6:
            populationRecords[population].generation += 1
            populationRecords[population].status =
                [.active, .paused, .ended(nil), .ended(.reports)][
                    Int.random(in: 0..<4, using: &draws)]
            return [.population(populationRecords[population])]
        case 7:
            // The row is written at once, and its state waits all the same.
            populationRecords[population].specification += "x"
            populationRecords[population].best = members[population].first?.latest
            return [.population(populationRecords[population])]
        default:
            let id = Int.random(in: 0..<members[population].count, using: &draws)
            return report(for: id, of: population)
        }
    }

    private mutating func nextRelease(of population: Int) -> ReleaseRecord {
        number += 1
        // Half of them are negative numbers of rows.
        return ReleaseRecord(
            number: number | (number % 2) << 63, population: population,
            member: number % 3 == 0 ? nil : 1, checkpoint: "/c/\(number)")
    }

    private mutating func report(for id: Int, of population: Int) -> [Change] {
        var member = members[population][id]
        member.reports += 1
        member.step += 10
        if Bool.random(using: &draws) {
            member.hyperparameters = [.number(.random(in: 0...1, using: &draws)), .integer(2)]
        }
        let reported = Reported(
            report: member.reports, step: member.step, score: 0.25,
            checkpoint: "/c/\(events.count)",
            hyperparameters: member.hyperparameters)
        member.previous = member.latest
        member.latest = CommittedState(
            member: id, report: member.reports, step: member.step, score: 0.25,
            hyperparameters: member.hyperparameters, checkpoint: "/c/\(events.count)")
        members[population][id] = member
        let token = UInt64(id * Self.populations + population) &* 0x9E37_79B9_7F4A_7C15
        let lease = LeaseRecord(
            token: token, population: population, member: id, worker: "w", sequence: member.reports,
            state: .live, directive: [1, 2], time: 3)
        leases[Int(bitPattern: UInt(token))] = lease
        let release = nextRelease(of: population)
        releases[Int(bitPattern: UInt(release.number))] = release
        return [
            happened(.reported(reported), to: id, of: population),
            .member(population: population, member), .lease(lease), .release(release),
        ]
    }

    var state: State {
        var state = State()
        state.populations = populationRecords
        state.members = members
        state.reports = members.map { $0.reduce(0) { $0 + $1.reports } }
        state.leases = leases.sorted { $0.key < $1.key }.map(\.value)
        state.releases = releases.sorted { $0.key < $1.key }.map(\.value)
        state.events = events
        for (population, members) in members.enumerated() {
            state.populationHistories.append(events.filter { $0.population == population })
            for member in members {
                let own = events.filter {
                    $0.population == population && $0.event.member == member.id
                }
                state.histories.append(own)
                state.lineages.append(
                    own.map(\.event).filter {
                        if case .reported = $0.kind { true } else { false }
                    }.reversed())
            }
        }
        return state
    }
}
