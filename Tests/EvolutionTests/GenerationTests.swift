import Testing

@testable import Evolution

/// Generations of synchronous populations, held against the rules followed to the letter.
struct GenerationTests {
    private func synchronous(
        seed: UInt64 = 1, _ change: (inout Specification) -> Void = { _ in }
    ) throws -> Specification {
        try specification(seed: seed) {
            $0.mode = .synchronous
            change(&$0)
        }
    }

    /// Up to five members, each of which reports good, bad, in between or no number, or not at all.
    @Test("In small populations every close is the one that the rules spell out")
    func enumerated() throws {
        let scores: [Double?] = [nil, 1, 2, 3, .nan]
        for objective in [Objective.maximize, .minimize] {
            for fraction in [0, 0.2, 0.5] {
                for size in 1...5 {
                    let specification = try synchronous(seed: UInt64(size)) {
                        $0.objective = objective
                        $0.fraction = fraction
                        $0.minPopulationSize = 3
                    }
                    for number in 0..<(0..<size).reduce(1, { count, _ in count * scores.count }) {
                        var rest = number
                        var population = population(size, specification)
                        for member in 0..<size {
                            if let score = scores[rest % scores.count] {
                                population.report(member, step: 1, score: score)
                            }
                            rest /= scores.count
                        }
                        closeAndCheck(&population)
                    }
                }
            }
        }
    }

    @Test("In long random histories every close is the one that the rules spell out")
    func sampled() throws {
        var exploits = 0
        for seed in 0..<30 as Range<UInt64> {
            var random = Scatter(seed)
            let size = Int.random(in: 1...25, using: &random)
            let specification = try synchronous(seed: seed) {
                $0.fraction = [0, 0.1, 0.2, 0.25, 0.5].randomElement(using: &random) ?? 0.2
                $0.objective = Bool.random(using: &random) ? .maximize : .minimize
                $0.interval = Int.random(in: 1...3, using: &random)
                $0.burnIn = [0, 0, 4].randomElement(using: &random) ?? 0
                $0.maxSteps = Bool.random(using: &random) ? 30 : nil
            }
            var live = population(size, specification)
            var replayed = live
            for _ in 0..<12 {
                for event in train(&live, &random) { replayed.apply(event) }
                for event in closeAndCheck(&live) { replayed.apply(event) }
                expectSame(replayed, live)
                expectSame(resumed(live), live)
            }
            exploits += live.exploits
        }
        #expect(exploits > 300)
    }

    /// Members train in any order, and not all of them to the end of their interval; some are
    /// removed, decline, or report without a checkpoint.
    private func train(_ population: inout Population, _ random: inout Scatter) -> [Event] {
        var events: [Event] = []
        for member in (0..<population.members.count).shuffled(using: &random) {
            guard population.isToTrain(member) else { continue }
            if Int.random(in: 0..<40, using: &random) == 0 {
                let removal = Event(member: member, kind: .removed)
                population.apply(removal)
                events.append(removal)
                continue
            }
            if Int.random(in: 0..<6, using: &random) == 0 { continue }
            let state = population.members[member]
            let declined = state.isInherited && Bool.random(using: &random)
            let start = declined ? state.previous?.step ?? 0 : state.step
            var report = Report(
                member: member, step: start, score: 0)
            if Bool.random(using: &random) {
                // History only, and no reason to wait.
                events.append(population.report(report))
                #expect(events.last?.reported.generation == nil)
                #expect(population.isToTrain(member))
            }
            report.step = declined ? start + 3 : population.targetStep(of: member)
            report.score = [1, 2, 3, 4, 5, .nan, .infinity].randomElement(using: &random) ?? 0
            report.checkpoint = "\(member)@\(report.step)#\(state.reports)"
            report.declined = declined
            let event = population.report(report)
            events.append(event)
            #expect(event.reported.generation == population.generation?.number)
            #expect(event.reported.standing == nil && event.reported.exploit == nil)
            #expect(!population.isToTrain(member))
        }
        return events
    }

    /// Closes the generation and holds what happens against the rules, member by member.
    @discardableResult
    private func closeAndCheck(_ population: inout Population) -> [Event] {
        let members = population.members
        guard let open = population.generation else {
            Issue.record("the population is asynchronous")
            return []
        }
        let reported = members.filter { !$0.isRemoved && $0.generation == open.number }
        let awaited = members.filter {
            !$0.isRemoved && $0.generation != open.number && !population.isFinished($0.id)
        }
        #expect(open.reported == reported.count)
        #expect(open.awaited == awaited.count)
        let events = population.closing(isByDeadline: !awaited.isEmpty)
        guard let first = events.first else {
            #expect(reported.isEmpty)
            return []
        }
        #expect(
            first
                == Event(
                    kind: .generationClosed(
                        GenerationClosed(
                            generation: open.number, reported: reported.count,
                            isByDeadline: !awaited.isEmpty))))

        let ranked = members.filter { !$0.isRemoved && $0.latest != nil }
        var copies: [Int: Exploited] = [:]
        for event in events.dropFirst() {
            guard case .exploited(let exploited) = event.kind, let member = event.member else {
                Issue.record("\(event)")
                continue
            }
            #expect(copies.updateValue(exploited, forKey: member) == nil)
        }
        for member in members {
            let donors = donors(of: member, among: ranked, in: population)
            #expect((copies[member.id] != nil) == !donors.isEmpty, "member \(member.id)")
            guard let exploited = copies[member.id] else { continue }
            #expect(donors.contains { $0.latest == exploited.exploit.donor })
            #expect(exploited.generation == open.number)
            #expect(exploited.report == member.reports)
            #expect(exploited.step == member.latest?.step)
            #expect(
                exploited.standing
                    == Standing(
                        rank: rank(of: member, in: ranked, population), ranked: ranked.count))
        }
        for event in events { population.apply(event) }
        #expect(population.generation?.number == open.number + 1)
        #expect(population.generation?.reported == 0)
        #expect(
            population.members.allSatisfy {
                population.isToTrain($0.id) == (!$0.isRemoved && !population.isFinished($0.id))
            })
        // A donor is never a copier, so that it holds what was copied.
        for (_, exploited) in copies {
            let donor = exploited.exploit.donor
            #expect("\(population.members[donor.member].latest)" == "\(Optional(donor))")
        }
        return events
    }

    /// One more than those who are before it.
    private func rank(of member: Member, in ranked: [Member], _ population: Population) -> Int {
        1 + ranked.count { precedes($0, member, population) }
    }

    private func precedes(_ one: Member, _ other: Member, _ population: Population) -> Bool {
        guard let one = population.key(of: one), let other = population.key(of: other) else {
            return false
        }
        return (one.badness, one.tie) < (other.badness, other.tie)
    }

    /// Whom a member may copy now, by rules 1 to 6; nobody when it does not copy.
    private func donors(
        of member: Member, among ranked: [Member], in population: Population
    ) -> [Member] {
        let specification = population.specification
        let count = ranked.count
        let share = specification.fraction * Double(count)
        let donors = specification.donorsFraction * Double(count)
        guard specification.fraction > 0, count >= specification.minPopulationSize,
            !member.isRemoved, let state = member.latest, state.member == member.id,
            member.generation == population.generation?.number,
            state.step >= specification.burnIn, state.step < specification.maxSteps ?? .max
        else { return [] }
        let worst = max(1, Int(share + 1e-6))
        func isWorst(_ member: Member) -> Bool {
            rank(of: member, in: ranked, population) > count - worst
        }
        guard isWorst(member) else { return [] }
        let eligible = ranked.filter { candidate in
            guard let other = candidate.latest, candidate.id != member.id, other.score.isFinite,
                other.member == candidate.id, !isWorst(candidate),
                !population.isFinished(candidate.id)
            else { return false }
            if !state.score.isFinite { return true }
            return specification.objective == .maximize
                ? other.score >= state.score : other.score <= state.score
        }
        return Array(
            eligible.sorted { precedes($0, $1, population) }
                .prefix(max(1, Int((donors - 1e-6).rounded(.up)))))
    }

    // MARK: - One by one

    @Test("What a copier draws does not depend on who else copies, nor on the order of reports")
    func drawsAreTheMembersOwn() throws {
        var closes: [[Event]] = []
        for order in [Array(0..<10), Array((0..<10).reversed())] {
            var population = population(10, try synchronous { $0.fraction = 0.4 })
            for member in order { population.report(member, step: 1, score: Double(member)) }
            closes.append(population.closing())
        }
        #expect(closes[0] == closes[1])
        #expect(closes[0].count == 5)
        #expect(closes[0].dropFirst().map(\.member) == [3, 2, 1, 0])
    }

    @Test("Who missed the deadline is ranked as before, may be copied, and reports for the next")
    func late() throws {
        var population = population(5, try synchronous { $0.minPopulationSize = 2 })
        for member in 0..<5 { population.report(member, step: 1, score: Double(member)) }
        for event in population.closing() { population.apply(event) }
        #expect(population.members[0].donor == 4)
        // The best and the worst are late.
        for member in 1..<4 { population.report(member, step: 2, score: -Double(member)) }
        #expect(population.generation?.awaited == 2)
        let events = population.closing(isByDeadline: true)
        #expect(events.dropFirst().map(\.member) == [3])
        guard case .exploited(let exploited) = events[1].kind else { return }
        #expect(exploited.exploit.donor.member == 4)
        for event in events { population.apply(event) }
        let reported = population.report(4, step: 2, score: 9)
        #expect(reported.generation == 3)
        #expect(population.closing().count == 1, "nobody copies who has reported")
    }

    @Test("A generation that nobody reported for does not close, and one after the last step does")
    func ends() throws {
        var population = population(2, try synchronous { $0.maxSteps = 1 })
        #expect(population.closing().isEmpty)
        population.report(0, step: 1, score: 1)
        population.apply(Event(member: 1, kind: .removed))
        #expect(population.generation?.awaited == 0)
        for event in population.closing() { population.apply(event) }
        #expect(population.generation?.number == 2)
        #expect(population.generation?.awaited == 0)
        #expect(population.closing().isEmpty)
        #expect(population.isFinished)
    }

    @Test("Whoever declines what its generation decided is itself again, and goes on to the next")
    func declined() throws {
        var population = population(5, try synchronous { $0.interval = 2 })
        for member in 0..<5 { population.report(member, step: 2, score: Double(member)) }
        for event in population.closing() { population.apply(event) }
        #expect(population.members[0].isInherited)
        var report = Report(member: 0, step: 4, score: 7, checkpoint: "own")
        report.declined = true
        let reported = population.report(report).reported
        #expect(reported.declined && reported.generation == 2)
        #expect(population.members[0].latest?.member == 0)
        #expect(population.members[0].previous?.score == 0)
    }

    @Test("Only a report that ends the interval, or all of the training, counts")
    func counting() throws {
        var population = population(1, try synchronous { ($0.interval, $0.maxSteps) = (10, 25) })
        #expect(population.targetStep(of: 0) == 10)
        #expect(population.report(0, step: 4, score: 1).generation == nil)
        #expect(population.report(Report(member: 0, step: 10, score: 1)).reported.generation == nil)
        #expect(population.report(0, step: 12, score: 1).generation == 1)
        for event in population.closing() { population.apply(event) }
        #expect(population.targetStep(of: 0) == 22)
        #expect(population.report(0, step: 22, score: 1).generation == 2)
        for event in population.closing() { population.apply(event) }
        #expect(population.report(0, step: 25, score: 1).generation == 3)
    }

    @Test("A deadline is a positive time, and only synchronous populations have one")
    func deadlines() throws {
        _ = try synchronous { $0.generationDeadline = 0.5 }
        for seconds in [0, -1, .nan, .infinity, 1e10] {
            #expect(throws: SpecificationError.self) {
                _ = try synchronous { $0.generationDeadline = seconds }
            }
        }
        #expect(throws: SpecificationError.self) {
            _ = try specification { $0.generationDeadline = 1 }
        }
    }

    @Test("A line of descent goes through what was copied when a generation closed")
    func lineage() throws {
        var population = population(5, try synchronous())
        var events: [Event] = []
        for step in 1...4 {
            for member in 0..<5 {
                let report = Report(
                    member: member, step: population.targetStep(of: member),
                    score: Double((member * 7 + step * 3) % 5), checkpoint: "\(member)@\(step)")
                events.append(population.report(report))
            }
            let closing = population.closing()
            #expect(closing.count == 2)
            for event in closing { population.apply(event) }
            events += closing
        }
        for member in population.members {
            let segments = try Lineage.schedule(to: member.latest) { id, report in
                let last = events.firstIndex {
                    guard case .reported(let reported) = $0.kind else { return false }
                    return $0.member == id && reported.report == report
                }
                return events[...(last ?? 0)].filter { $0.member == id }.reversed()
            }
            #expect(segments.first?.start == 0)
            #expect(segments.last?.end == 4)
            #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.end == $1.start })
        }
    }

    private func expectSame(_ one: Population, _ other: Population) {
        // As text, for a NaN equals nothing.
        #expect("\(one.members)" == "\(other.members)")
        #expect(one.order == other.order)
        #expect("\(one.summary)" == "\(other.summary)")
        #expect(one.generation == other.generation)
        #expect(one.checkpoints.held == other.checkpoints.held)
    }
}
