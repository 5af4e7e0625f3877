import Testing

@testable import Evolution

struct LineageTests {
    /// A population that remembers what happened, as a journal does.
    private struct Recorded {
        var population: Population
        var events: [Event] = []

        mutating func report(
            _ member: Int, step: Int, score: Double, with value: Double? = nil,
            declined: Bool = false, checkpoint: Bool = true
        ) -> Reported {
            var report = Report(
                member: member, step: step, score: score,
                checkpoint: checkpoint ? "\(member)@\(step)" : nil)
            report.hyperparameters = value.map { [.number($0)] }
            report.declined = declined
            events.append(population.report(report))
            return events[events.count - 1].reported
        }

        mutating func decline(_ member: Int) -> Exploit? {
            events.append(population.decline(member, reason: "no such file"))
            return events[events.count - 1].exploit
        }

        mutating func apply(_ member: Int, _ kind: Event.Kind) {
            events.append(Event(member: member, kind: kind))
            population.apply(events[events.count - 1])
        }

        func schedule(of member: Int) throws -> [Lineage.Segment] {
            try Lineage.schedule(to: population.members[member].latest) { id, report in
                var found: [Event] = []
                for event in events where event.member == id {
                    switch event.kind {
                    case .reported(let reported) where reported.report <= report:
                        found.append(event)
                    case .declined where (found.last?.reported(before: report) ?? true):
                        found.append(event)
                    default: break
                    }
                }
                return found.reversed()
            }
        }
    }

    private func recorded(size: Int = 5, interval: Int = 10) throws -> Recorded {
        Recorded(population: population(size, try specification { $0.interval = interval }))
    }

    /// Everyone at step 10, the last one having copied the first; returns what it explored.
    private func afterExploit(_ history: inout Recorded) throws -> Double {
        for member in 0..<4 {
            _ = history.report(
                member, step: 10, score: Double(100 - member), with: Double(member) / 10)
        }
        let exploit = try #require(history.report(4, step: 10, score: 0, with: 0.9).exploit)
        #expect(exploit.donor.member == 0)
        return try #require(exploit.explored.first?.asNumber)
    }

    private func segment(_ member: Int, _ start: Int, _ end: Int, _ value: Double)
        -> Lineage.Segment
    {
        Lineage.Segment(member: member, start: start, end: end, hyperparameters: [.number(value)])
    }

    @Test("A member that copied nobody has its own reports, equal ones in one segment")
    func own() throws {
        var history = try recorded()
        #expect(try history.schedule(of: 0).isEmpty)
        for (step, value) in [(10, 0.1), (20, 0.1), (30, 0.2), (40, 0.1)] {
            _ = history.report(0, step: step, score: 1, with: value)
        }
        #expect(
            try history.schedule(of: 0)
                == [segment(0, 0, 20, 0.1), segment(0, 20, 30, 0.2), segment(0, 30, 40, 0.1)])
    }

    @Test("An exploit leads over to the donor's line, and its own past is left behind")
    func exploit() throws {
        var history = try recorded()
        let explored = try afterExploit(&history)
        #expect(try history.schedule(of: 4) == [segment(0, 0, 10, 0)])
        _ = history.report(4, step: 20, score: 200)
        #expect(
            try history.schedule(of: 4) == [segment(0, 0, 10, 0), segment(4, 10, 20, explored)])
        // The donor goes on, copies back, and the line crosses over twice.
        _ = history.report(0, step: 20, score: 5, with: 0.3)
        let back = try #require(history.report(0, step: 30, score: -5, with: 0.4).exploit)
        #expect(back.donor.member == 4)
        _ = history.report(0, step: 30, score: 300)
        #expect(
            try history.schedule(of: 0) == [
                segment(0, 0, 10, 0), segment(4, 10, 20, explored),
                segment(0, 20, 30, try #require(back.explored.first?.asNumber)),
            ])
    }

    @Test("An exploit that was declined is not on the line", arguments: [true, false])
    func declined(withReport: Bool) throws {
        var history = try recorded()
        _ = try afterExploit(&history)
        if !withReport { history.apply(4, .declined(reason: "no such file", fallback: .previous)) }
        _ = history.report(4, step: 15, score: 1, declined: withReport)
        #expect(try history.schedule(of: 4) == [segment(4, 0, 15, 0.9)])
    }

    @Test("Steps that were rolled back, and reports without a checkpoint, are not on the line")
    func lapses() throws {
        var history = try recorded()
        _ = history.report(0, step: 10, score: 1, with: 0.1)
        _ = history.report(0, step: 20, score: 1, with: 0.2, checkpoint: false)
        history.apply(0, .released(.lapsed))
        history.apply(0, .leased(worker: "other"))
        _ = history.report(0, step: 20, score: 1, with: 0.3)
        _ = history.report(0, step: 30, score: 1, with: 0.4)
        // The checkpoint of step 30 is lost, then the one before it, too.
        history.apply(0, .declined(reason: "half written", fallback: .previous))
        #expect(
            try history.schedule(of: 0) == [segment(0, 0, 10, 0.1), segment(0, 10, 20, 0.3)])
        history.apply(0, .declined(reason: "half written", fallback: .previous))
        #expect(try history.schedule(of: 0).isEmpty)
        _ = history.report(0, step: 10, score: 1, with: 0.5)
        #expect(try history.schedule(of: 0) == [segment(0, 0, 10, 0.5)])
    }

    @Test("A state that could not be loaded is left behind for a donor's line, or for the start")
    func fallbacks() throws {
        var history = try recorded()
        for member in 0..<4 {
            _ = history.report(
                member, step: 10, score: Double(100 - member), with: Double(member) / 10)
        }
        let rescue = history.decline(3)
        let exploit = try #require(rescue)
        let explored = try #require(exploit.explored.first?.asNumber)
        #expect(try history.schedule(of: 3) == [segment(0, 0, 10, 0)])
        _ = history.report(3, step: 20, score: 200)
        #expect(
            try history.schedule(of: 3) == [segment(0, 0, 10, 0), segment(3, 10, 20, explored)])
        _ = history.report(3, step: 30, score: 200)
        // The one before that, what it was trained from, and the start.
        for _ in 0..<3 { _ = history.decline(3) }
        #expect(try history.schedule(of: 3).isEmpty)
        _ = history.report(3, step: 5, score: 1, with: 0.5)
        #expect(try history.schedule(of: 3) == [segment(3, 0, 5, 0.5)])
    }

    @Test("A line through a report that the journal lacks is an error, not a shorter line")
    func missing() throws {
        var history = try recorded()
        _ = try afterExploit(&history)
        history.events.removeAll { $0.member == 0 }
        #expect(throws: Lineage.MissingReport(member: 0, report: 1)) {
            try history.schedule(of: 4)
        }
    }

    @Test("In random histories a line is without a gap and ends at the member's committed step")
    func random() throws {
        for seed in 0..<10 as Range<UInt64> {
            var random = Scatter(seed)
            var history = Recorded(
                population: Population(try specification { $0.minPopulationSize = 3 }))
            for _ in 0..<300 {
                history.events.append(ReplayTests.happen(to: &history.population, &random))
            }
            for member in history.population.members {
                let schedule = try history.schedule(of: member.id)
                var at = 0
                for segment in schedule {
                    #expect(segment.start == at)
                    #expect(segment.end > at)
                    at = segment.end
                }
                #expect(at == member.latest?.step ?? 0)
                #expect(schedule.isEmpty || schedule.last?.end == member.latest?.step)
            }
        }
    }
}

extension Event {
    /// Whether this is one of the member's events up to, and not including, a report.
    fileprivate func reported(before report: Int) -> Bool {
        if case .reported(let reported) = kind { reported.report < report } else { true }
    }
}
