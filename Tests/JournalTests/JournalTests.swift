import Evolution
import Foundation
import GRDB
import Records
import TestSupport
import Testing

@testable import Journal

@Suite struct JournalTests {
    /// Rows never wait, or some do, or all.
    static let deferrals = [Deferral(most: 0), Deferral(most: 30), Deferral()]
    let directory: TemporaryDirectory
    let population = PopulationRecord(
        id: 0, name: "digits", specification: "population_size: 2\n",
        hyperparameters: ["rate", "depth", "kind", "bias", "sizes", "clip"],
        created: 1_700_000_000_000)
    let values: [Value] = [
        .number(1e-5), .integer(3), .text("tab\t\"é\" \\ 🐦"), .flag(true),
        .json(#"[3,["]\"🐦\\",null],[]]"#), .null,
    ]

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `Nothing that a peer names is taken for SQL`() throws {
        let evil = "'); DROP TABLE member; -- \"\n\u{1B}\u{202E}"
        let journal = try Journal(directory: directory.path, access: .write)
        var hostile = population
        hostile.name = evil
        hostile.hyperparameters = [evil]
        var member = Member(id: 0, hyperparameters: [.text(evil)])
        member.latest = state(member: 0, report: 1, score: 1)
        member.latest?.checkpoint = evil
        member.latest?.hyperparameters = [.text(evil)]
        let lease = LeaseRecord(
            token: 1, population: 0, member: 0, worker: evil, sequence: 0, state: .live,
            directive: [], time: 1)
        let release = ReleaseRecord(number: 1, population: 0, member: 0, checkpoint: evil)
        let events: [Event.Kind] = [
            .leased(worker: evil), .declined(reason: evil, fallback: .previous),
        ]
        let records = events.enumerated().map { index, kind in
            EventRecord(
                sequence: index + 1, population: 0, time: 1,
                event: Event(member: 0, kind: kind))
        }
        try journal.commit(
            [
                .population(hostile), .member(population: 0, member), .lease(lease),
                .release(release),
            ]
                + records.map(Change.event))
        let read = try Journal(directory: directory.path, access: .read)
        #expect(try read.populations().map(\.name) == [evil])
        #expect(try read.members(of: 0) == [member])
        #expect(try read.leases().map(\.worker) == [evil])
        #expect(try read.releases().map(\.checkpoint) == [evil])
        #expect(try read.events(of: 0, after: 0, limit: 9) == records)
    }

    @Test(arguments: deferrals)
    func `All that was committed is there after opening again`(deferral: Deferral) throws {
        let records = everyKindOfEvent()
        var member = Member(id: 1, hyperparameters: values)
        member.step = 40
        member.reports = 4
        member.considered = 30
        member.donor = 0
        member.latest = state(member: 0, report: 2, score: 0.75)
        member.previous = state(member: 1, report: 4, score: -.infinity)
        member.isLost = true
        member.presence = .away(since: 12)
        member.standing = Standing(rank: 3, ranked: 16)
        member.generation = 7
        var removed = Member(id: 0, hyperparameters: values)
        removed.isRemoved = true
        removed.presence = .held
        var ended = population
        ended.status = .ended(.plateau)
        ended.generation = 8
        ended.best = state(member: 1, report: 4, score: 1e-9)
        var lease = LeaseRecord(
            token: .max - 1, population: 0, member: 1, worker: "w", sequence: 7, state: .ended,
            directive: [1, 2, 3], time: 5)
        lease.keeps = true
        lease.place = "slurm/4711_2"
        let releases = [
            ReleaseRecord(number: 16, population: 0, member: 1, checkpoint: "a"),
            ReleaseRecord(number: 17, population: 0, member: nil, checkpoint: "b'"),
        ]
        let answer = AnswerRecord(key: Array(0..<16), digest: .max, reply: [9, 8], time: 6)
        do {
            let journal = try Journal(
                directory: directory.path, access: .write, deferral: deferral)
            try journal.commit(
                [.population(population)] + records.map(Change.event) + [
                    .member(population: 0, removed), .member(population: 0, member),
                    .population(ended), .lease(lease), .answer(answer),
                ] + releases.map(Change.release))
        }
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        #expect(journal.sequence == records.count)
        #expect(try journal.populations() == [ended])
        #expect(try journal.members(of: 0) == [removed, member])
        #expect(try journal.releases() == releases)
        #expect(try journal.leases() == [lease])
        #expect(try journal.answers() == [answer])
        let read = try journal.events(of: 0, after: 0, limit: 100)
        #expect(read.map(\.sequence) == records.map(\.sequence))
        // NaN is unequal to itself, so descriptions are compared.
        #expect(read.map { "\($0)" } == records.map { "\($0)" })
        #expect(try journal.counts(of: 0) == (reports: 4, exploits: 3))
    }

    @Test(arguments: deferrals)
    func `Events are read by page and by member`(deferral: Deferral) throws {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        let events = (1...10).map { sequence in
            EventRecord(
                sequence: sequence, population: 0, time: 0,
                event: Event(member: sequence % 2, kind: .leased(worker: "w")))
        }
        try journal.commit([.population(population)] + events.map(Change.event))
        #expect(
            try journal.events(of: 0, after: 3, limit: 2).map(\.sequence) == [4, 5])
        #expect(
            try journal.events(of: 0, after: 3, member: 1, limit: 10).map(\.sequence) == [5, 7, 9])
        #expect(try journal.events(of: 1, after: 0, limit: 10).isEmpty)
    }

    @Test(arguments: deferrals)
    func `Lineage is read newest first, up to a report`(deferral: Deferral) throws {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        var records: [EventRecord] = []
        func add(_ member: Int, _ kind: Event.Kind) {
            records.append(
                EventRecord(
                    sequence: records.count + 1, population: 0, time: 0,
                    event: Event(member: member, kind: kind)))
        }
        add(0, .created(hyperparameters: values))
        add(0, .reported(report(1)))
        add(1, .reported(report(1)))
        add(0, .declined(reason: "no such file", fallback: .previous))
        add(0, .released(.left))
        add(0, .reported(report(2)))
        let exploit = Exploit(
            donor: state(member: 1, report: 1, score: 1), explored: values,
            operations: [.kept, .kept, .kept, .kept])
        let exploited = Exploited(
            generation: 1, report: 2, step: 20, score: 0.1,
            standing: Standing(rank: 2, ranked: 2), exploit: exploit)
        add(0, .exploited(exploited))
        add(0, .reported(report(3)))
        try journal.commit([.population(population)] + records.map(Change.event))
        let lineage = try journal.lineage(of: 0, member: 0, throughReport: 2)
        #expect(lineage == [records[5], records[3], records[1]].map(\.event))
        let later = try journal.lineage(of: 0, member: 0, throughReport: 3)
        #expect(later.map(\.kind) == [7, 6, 5, 3, 1].map { records[$0].event.kind })
    }

    @Test(arguments: deferrals)
    func `A commit that fails leaves nothing behind`(deferral: Deferral) throws {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        try journal.commit([.population(population)])
        let event = EventRecord(
            sequence: 1, population: 0, time: 0, event: Event(member: 0, kind: .leased(worker: "")))
        #expect(throws: JournalError.self) {
            // The second of these has the first one's sequence.
            try journal.commit([.event(event), .event(event)])
        }
        #expect(journal.sequence == 0)
        #expect(try journal.events(of: 0, after: 0, limit: 10).isEmpty)
        try journal.commit([.event(event)])
        #expect(journal.sequence == 1)
    }

    @Test(arguments: deferrals)
    func `What is forgotten is gone`(deferral: Deferral) throws {
        let journal = try Journal(
            directory: directory.path, access: .write, deferral: deferral)
        let lease = LeaseRecord(
            token: 1, population: 0, member: 0, worker: "", sequence: 0, state: .live,
            directive: [], time: 0)
        let answer = AnswerRecord(key: [1], digest: .max, reply: [], time: 0)
        let release = ReleaseRecord(number: 3, population: 0, member: 0, checkpoint: "c")
        try journal.commit([.lease(lease), .answer(answer), .release(release)])
        try journal.commit([.forgetLease(1), .forgetAnswer(key: [1]), .forgetRelease(3)])
        #expect(try journal.releases().isEmpty)
        #expect(try journal.leases().isEmpty)
        #expect(try journal.answers().isEmpty)
    }

    @Test func `Commits reach the disk before they are acknowledged`() throws {
        let journal = try Journal(directory: directory.path, access: .write)
        let (mode, synchronous) = try journal.queue.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA synchronous")
            )
        }
        #expect(mode == "wal")
        // 2 is FULL.
        #expect(synchronous == 2)
    }

    @Test func `Each run has the next epoch`() throws {
        for epoch in 1...3 as ClosedRange<UInt64> {
            let journal = try Journal(directory: directory.path, access: .write)
            #expect(try journal.beginEpoch() == epoch)
        }
    }

    // MARK: Refusals

    @Test func `A directory has one writer, and any number of readers`() throws {
        let journal = try Journal(directory: directory.path, access: .write)
        try journal.commit([.population(population)])
        let error = #expect(throws: JournalError.self) {
            _ = try Journal(directory: directory.path, access: .write)
        }
        #expect(error == .inUse(directory.path, process: "\(getpid())"))
        #expect(DirectoryLock.isHeld(directory: directory.path))
        let reader = try Journal(directory: directory.path, access: .read)
        #expect(try reader.populations() == [population])
        withExtendedLifetime(journal) {}
    }

    @Test func `A journal of a newer version is refused`() throws {
        do {
            let journal = try Journal(directory: directory.path, access: .write)
            try journal.queue.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('from the future')")
            }
        }
        for access in [Journal.Access.write, .read] {
            #expect(throws: JournalError.newerVersion(directory.path)) {
                _ = try Journal(directory: directory.path, access: access)
            }
        }
    }

    @Test func `Another file in the journal's place is refused`() throws {
        let path = directory.path + "/" + Journal.fileName
        try Data(repeating: 65, count: 4096).write(to: URL(fileURLWithPath: path))
        #expect(throws: JournalError.notAJournal(path)) {
            _ = try Journal(directory: directory.path, access: .write)
        }
    }

    @Test func `Reading where nothing is says so`() {
        #expect(throws: JournalError.noJournal(directory.path)) {
            _ = try Journal(directory: directory.path, access: .read)
        }
    }

    // MARK: Samples

    func state(member: Int, report: Int, score: Double) -> CommittedState {
        CommittedState(
            member: member, report: report, step: report * 10, score: score,
            hyperparameters: values, checkpoint: "/tmp/a 'quoted' path")
    }

    func report(_ number: Int) -> Reported {
        Reported(
            report: number, step: number * 10, score: 0.1, checkpoint: "c", hyperparameters: values)
    }

    func everyKindOfEvent() -> [EventRecord] {
        var exploiting = Reported(
            report: 2, step: 20, score: .nan, checkpoint: "c", hyperparameters: values)
        exploiting.metrics = [
            Metric(name: "loss", value: .infinity), Metric(name: "nan", value: .nan),
            Metric(name: "whole", value: 3),
        ]
        exploiting.declined = true
        exploiting.standing = Standing(rank: 9, ranked: 10)
        let exploit = Exploit(
            donor: state(member: 0, report: 2, score: 0.75), explored: values.reversed(),
            operations: [.kept, .perturbed, .resampled, .kept])
        exploiting.exploit = exploit
        let rescue = Exploit(
            donor: state(member: 0, report: 3, score: -0.5), explored: values,
            operations: [.resampled, .kept, .kept, .perturbed])
        var counting = report(3)
        counting.generation = 7
        let exploited = Exploited(
            generation: 7, report: 3, step: 30, score: .nan,
            standing: Standing(rank: 10, ranked: 10), exploit: exploit)
        let kinds: [Event.Kind] = [
            .created(hyperparameters: values), .leased(worker: "host/1"),
            .reported(
                Reported(
                    report: 1, step: 10, score: 1e300, checkpoint: nil, hyperparameters: values)),
            .reported(exploiting), .declined(reason: "gone", fallback: .previous),
            .declined(reason: "gone", fallback: .donor(rescue)),
            .declined(reason: "", fallback: .start), .released(.lapsed),
            .released(.switched), .released(.left), .released(.finished), .released(.paused),
            .removed, .paused, .resumed, .ended(.time),
            .changed(before: settings(200, 0.2), after: settings(0, 0)),
            .reported(counting), .released(.generation),
            .generationClosed(GenerationClosed(generation: 7, reported: 9, isByDeadline: false)),
            .exploited(exploited),
            .generationClosed(GenerationClosed(generation: 8, reported: 1, isByDeadline: true)),
        ]
        return kinds.enumerated().map { index, kind in
            EventRecord(
                sequence: index + 1, population: 0, time: 1_700_000_000_000 + Int64(index),
                event: Event(member: kind.isOfPopulation ? nil : 1, kind: kind))
        }
    }

    func settings(_ steps: UInt64, _ part: Double) -> SettingValues {
        [
            "max_steps": .integer(steps), "interval": .integer(steps + 1),
            "burn_in": .integer(steps), "fraction": .number(part),
            "min_population_size": .integer(steps + 2), "resample_probability": .number(part),
            "selection": .word("t_test"), "perturbation_factors": .numbers([0.5, part + 2]),
        ]
    }
}

extension TemporaryDirectory {
    /// With another one's files, as a process that is killed now leaves them behind.
    convenience init(copyOf other: TemporaryDirectory) throws {
        try self.init()
        for name in [Journal.fileName, Journal.fileName + "-wal"] {
            try FileManager.default.copyItem(
                atPath: other.path + "/" + name, toPath: path + "/" + name)
        }
    }
}
