import Evolution
import Messages
import Records
import Testing

@testable import Coordinator

/// Parts of a population's history, as they are asked for.
struct HistoryPartTests {
    private struct Told {
        var events: [WireEvent] = []
        var pages: [WireHistory] = []
    }

    /// All pages of a part.
    private func told(
        _ part: WireHistoryPart, of population: String, limit: UInt32, _ desk: inout Desk
    ) throws -> Told {
        var told = Told()
        var question = WireGetHistory()
        question.population = population
        question.part = part
        question.limit = limit
        while true {
            guard case .history(let page) = try desk.ask(.getHistory(question)) else {
                throw DeskError.unexpected("no history")
            }
            told.pages.append(page)
            told.events += page.events
            guard page.more else { return told }
            let next = part == .unspecified ? page.events.last?.sequence ?? 0 : page.through
            #expect(next > question.after)
            question.after = next
        }
    }

    @Test(arguments: ["p", "q", "s"], [0, 1, 3] as [UInt32])
    func `A part has all of its events, and they are as they were but for what is left out`(
        population: String, limit: UInt32
    ) throws {
        var desk = try Desk.withEveryKindOfEvent()
        let all = try told(.unspecified, of: population, limit: 0, &desk)
        #expect(all.pages.allSatisfy { $0.through == 0 })
        let descent = try told(.descent, of: population, limit: limit, &desk)
        // NaN is unequal to itself, so bytes are compared.
        #expect(descent.events.map(\.bytes) == all.events.compactMap(\.bare).map(\.bytes))
        #expect(!descent.events.isEmpty)
        #expect(descent.pages.allSatisfy { limit == 0 || $0.events.count <= limit })
        let steering = try told(.population, of: population, limit: limit, &desk)
        #expect(steering.events == all.events.filter(\.isOfPopulation))
        #expect(steering.events.isEmpty == (population == "q"))
        #expect(descent.pages.last?.through == descent.events.last?.sequence)
        #expect(steering.pages.last?.through == steering.events.last?.sequence ?? 0)
    }

    @Test func `Where nothing tells of descent for long, a page says how far it looked`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        let journal = try #require(desk.journal)
        let first = journal.sequence
        let leased = Limits.eventsLookedAt + 10
        func record(_ sequence: Int, _ kind: Evolution.Event.Kind) -> Change {
            let event = Evolution.Event(member: 0, kind: kind)
            return .event(EventRecord(sequence: sequence, population: 0, time: 0, event: event))
        }
        try journal.commit(
            (1...leased).map { record(first + $0, .leased(worker: "w")) } + [
                record(first + leased + 1, .removed)
            ])
        let told = try told(.descent, of: "p", limit: 0, &desk)
        #expect(told.pages.map(\.events.count) == [first, 1])
        #expect(told.pages.map(\.more) == [true, false])
        let looked = [Limits.eventsLookedAt, first + leased + 1]
        #expect(told.pages.map(\.through) == looked.map(UInt64.init))
    }

    @Test func `A part of a member's history, and an unknown part, are refused`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        desk.close()
        var archive = try Archive(directory: desk.directory.path)
        try desk.restart()
        var question = WireGetHistory()
        question.population = "p"
        question.member = 0
        for part in [WireHistoryPart.descent, .population] {
            question.part = part
            #expect(try desk.refusal(.getHistory(question))?.code == .invalid)
            #expect(archive.answer(.getHistory(question)).error.code == .invalid)
        }
        question.clearMember()
        question.part = .UNRECOGNIZED(9)
        let error = try desk.refusal(.getHistory(question))
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("part of the history is 9") == true)
        #expect(archive.answer(.getHistory(question)).error.code == .unsupported)
    }

    @Test(arguments: [UInt64(Int.max), UInt64(Int.max) + 1, .max])
    func `After the largest numbers there is nothing`(largest: UInt64) throws {
        var desk = try Desk.withEveryKindOfEvent()
        for part in [WireHistoryPart.descent, .population] {
            let question = WireGetHistory.with {
                $0.population = "p"
                $0.after = largest
                $0.limit = .max
                $0.part = part
            }
            guard case .history(let page) = try desk.ask(.getHistory(question)) else {
                Issue.record("there is no history")
                continue
            }
            #expect(page.events.isEmpty && !page.more)
            #expect(page.through == largest)
        }
    }
}

extension WireEvent {
    fileprivate var isOfPopulation: Bool {
        switch kind {
        case .paused, .resumed, .ended, .changed, .generationClosed: true
        default: false
        }
    }

    /// What it tells of descent; `nil` for nothing.
    fileprivate var bare: WireEvent? {
        var event = self
        switch kind {
        case .created: event.created = Created()
        case .reported(var reported):
            reported.hyperparameters = []
            reported.metrics = []
            reported.clearVerdict()
            if reported.hasExploit { reported.exploit = reported.exploit.bare }
            event.reported = reported
        case .exploited(var exploited):
            exploited.clearVerdict()
            exploited.exploit = exploited.exploit.bare
            event.exploited = exploited
        case .declined(var declined):
            if declined.hasExploit { declined.exploit = declined.exploit.bare }
            event.declined = declined
        case .removed: break
        case .leased, .released, .paused, .resumed, .ended, .changed, .generationClosed, nil:
            return nil
        }
        return event
    }
}

extension WireEvent.Exploit {
    fileprivate var bare: Self {
        var exploit = self
        exploit.donorHyperparameters = []
        exploit.hyperparameters = []
        exploit.operations = []
        return exploit
    }
}
