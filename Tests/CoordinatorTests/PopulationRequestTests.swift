import Messages
import Testing

@testable import Coordinator

struct PopulationRequestTests {
    @Test func `A coordinator with one population needs no name`() throws {
        var desk = try Desk()
        #expect(throws: WireError.self) { try desk.join("") }
        try desk.create("first", members: 1)
        #expect(try desk.join("").lease.population == "first")
        try desk.create("second", members: 1)
        let error = #expect(throws: WireError.self) { try desk.join("") }
        #expect(error?.code == .noPopulation)
    }

    @Test func `A name is taken once, and the same request makes it once`() throws {
        var desk = try Desk()
        var creation = WireCreatePopulation()
        creation.key = desk.key()
        creation.name = "p"
        creation.space = "name,min,max,scale\nrate,0,1,linear\n"
        let made = try desk.ask(.createPopulation(creation))
        for _ in 0..<2 {
            #expect(try desk.ask(.createPopulation(creation)) == made)
            // The same key, and other words.
            var other = creation
            other.populationSize = 7
            let error = try desk.refusal(.createPopulation(other))
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("under this key") == true)
            try desk.restart()
        }
        creation.key = desk.key()
        #expect(try desk.refusal(.createPopulation(creation))?.code == .conflict)
        creation.key = desk.key()
        creation.name = "not a name"
        #expect(try desk.refusal(.createPopulation(creation))?.code == .invalid)
        creation.key = desk.key()
        creation.name = "q"
        creation.space = "name,min,max,scale\nrate,1,0,linear\n"
        let error = try desk.refusal(.createPopulation(creation))
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(":2:") == true, "\(String(describing: error))")
    }

    @Test func `A worker's search space must be the population's`() throws {
        var desk = try Desk()
        try desk.create(members: 2)
        var join = WireJoin()
        join.key = desk.key()
        join.population = "p"
        join.space = "rate, 0.0, 1.0, linear"
        _ = try desk.directive(.join(join))
        join.key = desk.key()
        join.space = "name,min,max,scale\nrate,0,2,linear\n"
        #expect(try desk.refusal(.join(join))?.code == .spaceMismatch)
    }

    @Test func `Versions of the protocol are agreed on, or refused with both ranges`() throws {
        var desk = try Desk()
        var hello = WireHello()
        hello.minVersion = 1
        hello.maxVersion = 7
        guard case .welcome(let welcome) = try desk.ask(.hello(hello)) else {
            Issue.record("a common version is welcome")
            return
        }
        #expect(welcome.version == 1)
        #expect(welcome.leaseMilliseconds == 60_000)
        hello.minVersion = 5
        let error = try desk.refusal(.hello(hello))
        #expect(error?.code == .unsupportedVersion)
        #expect(error?.maxVersion == 1)
    }

    @Test func `Populations are listed by name, a page at a time`() throws {
        var desk = try Desk()
        for number in 0..<Limits.populationsPerPage + 1 {
            try desk.create("p\(1000 + number)", members: 1)
        }
        var list = WireListPopulations()
        guard case .populations(let first) = try desk.ask(.listPopulations(list)) else {
            Issue.record("a list is answered")
            return
        }
        #expect(first.populations.count == Limits.populationsPerPage)
        #expect(first.more)
        list.after = first.populations.last?.name ?? ""
        guard case .populations(let second) = try desk.ask(.listPopulations(list)) else {
            Issue.record("a list is answered")
            return
        }
        #expect(second.populations.map(\.name) == ["p\(1000 + Limits.populationsPerPage)"])
        #expect(!second.more)
    }

    @Test func `History is paged, and a schedule follows the line of descent`() throws {
        var desk = try Desk()
        try desk.create(members: 5)
        let leases = try (0..<5).map { _ in try desk.lease() }
        for (index, lease) in leases.dropLast().enumerated() {
            _ = try desk.report(lease.token, step: 10, score: Double(index + 1))
        }
        let exploit = try desk.report(leases[4].token, step: 10, score: 0).exploit
        _ = try desk.report(leases[4].token, step: 20, score: 9, effect: .applied)

        var page = WireGetHistory()
        page.population = "p"
        page.limit = 4
        var events: [WireEvent] = []
        while true {
            guard case .history(let history) = try desk.ask(.getHistory(page)) else {
                Issue.record("history is answered")
                return
            }
            events += history.events
            page.after = history.events.last?.sequence ?? 0
            if !history.more { break }
        }
        #expect(events.map(\.sequence) == Array(1...UInt64(events.count)))
        #expect(events.count == desk.core.sequence)

        var request = WireGetSchedule()
        request.population = "p"
        request.member = 4
        guard case .schedule(let schedule) = try desk.ask(.getSchedule(request)) else {
            Issue.record("a schedule is answered")
            return
        }
        #expect(schedule.segments.map(\.member) == [exploit.donor, 4])
        #expect(schedule.segments.map(\.start) == [0, 10])
        #expect(schedule.segments.map(\.end) == [10, 20])
        #expect(schedule.segments.last?.hyperparameters == exploit.hyperparameters)

        // The member goes on to what is worse, and the best state keeps its schedule.
        _ = try desk.report(leases[4].token, step: 30, score: 1)
        request.best = true
        guard case .schedule(let best) = try desk.ask(.getSchedule(request)) else {
            Issue.record("a schedule is answered")
            return
        }
        #expect(best == schedule)
        request.best = false
        request.member = 5
        #expect(try desk.refusal(.getSchedule(request))?.code == .noMember)
    }

    @Test func `What is not a request is refused with its id, and harms nobody`() throws {
        var desk = try Desk()
        let large = [UInt8](repeating: 0, count: 70_000)
        let replies = desk.take([[], [0xff, 0xff], large, [0x08, 0x05]])
        #expect(replies.map(\.id) == [0, 0, 0, 5])
        for reply in replies {
            guard case .error(let error) = reply.body else {
                Issue.record("each is refused")
                continue
            }
            #expect([.malformed, .limit].contains(error.code))
        }
    }
}
