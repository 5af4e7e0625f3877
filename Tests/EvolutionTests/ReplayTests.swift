import Testing

@testable import Evolution

struct ReplayTests {
    @Test(
        "Events make an equal population, from the start and from any baseline", arguments: 0..<20)
    func replay(seed: UInt64) throws {
        var random = Scatter(seed)
        let specification = try specification(seed: seed) {
            $0.interval = Int.random(in: 1...3, using: &random)
            $0.burnIn = Int.random(in: 0...4, using: &random)
            $0.maxSteps = Bool.random(using: &random) ? 25 : nil
            $0.objective = Bool.random(using: &random) ? .maximize : .minimize
            $0.minPopulationSize = 3
            $0.fraction = 0.3
        }
        var live = Population(specification)
        var replayed = Population(specification)
        var resumed = live
        var exploits = 0
        var fallbacks: Set<String> = []
        for turn in 0..<400 {
            if turn % 50 == 49 {
                resumed = Population(
                    live.specification, status: live.status, members: live.members,
                    best: live.best, reports: live.reports, exploits: live.exploits)
            }
            let event = Self.happen(to: &live, &random)
            replayed.apply(event)
            resumed.apply(event)
            if event.exploit != nil { exploits += 1 }
            if case .declined(_, let fallback) = event.kind { fallbacks.insert(fallback.name) }
            if turn % 10 == 0 {
                expectSame(replayed, live)
                // Whoever was resumed, or made of the events, decides alike.
                var (one, other, third) = (live, resumed, replayed)
                for member in live.members where !member.isRemoved {
                    let report = Report(
                        member: member.id, step: member.step + 1, score: Double(member.id % 3),
                        checkpoint: "again \(member.id)")
                    let decided = one.report(report)
                    #expect(other.report(report) == decided)
                    #expect(third.report(report) == decided)
                }
            }
        }
        expectSame(replayed, live)
        expectSame(resumed, live)
        #expect(live.exploits == exploits)
        #expect(exploits > 10)
        #expect(fallbacks == ["previous", "donor", "start"])
        #expect(
            live.tally.finished
                == live.members.count { live.isFinished($0.id) && !$0.isRemoved })
        #expect(
            live.tally.steps == live.members.reduce(0) { $0 + ($1.isRemoved ? 0 : $1.step) })
        #expect(live.order.count == live.members.count { $0.measured != nil })
    }

    /// What people may change, at random.
    private static func steering(
        _ population: Population, _ member: Int, _ random: inout Scatter
    ) -> Event {
        let left = population.tally.members
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where left > 3: return Event(member: member, kind: .removed)
        case 1: return Event(kind: .paused)
        case 2: return Event(kind: .resumed)
        case 3: return Event(kind: .ended(nil))
        default:
            var after: SettingValues = ["interval": .integer(.random(in: 1...3, using: &random))]
            if Bool.random(using: &random) {
                after["max_steps"] = .integer([0, 20, 30].randomElement(using: &random) ?? 0)
            }
            if Bool.random(using: &random) {
                let rules = RankingStrategy.rules.map { $0.name }
                after["ranking"] = .word(rules.randomElement(using: &random) ?? "latest")
                after["window"] = .integer(.random(in: 1...4, using: &random))
            }
            let before = population.specification.undoing(after)
            return Event(kind: .changed(before: before, after: after))
        }
    }

    /// Anything that may happen, at random; applied to the population.
    static func happen(to population: inout Population, _ random: inout Scatter) -> Event {
        let size = population.members.count
        if size < 4 || (size < 12 && Int.random(in: 0..<20, using: &random) == 0) {
            let event = population.creation()
            population.apply(event)
            return event
        }
        let member = Int.random(in: 0..<size, using: &random)
        if population.members[member].isRemoved { return happen(to: &population, &random) }
        var event = Event(member: member, kind: .released(.lapsed))
        switch Int.random(in: 0..<24, using: &random) {
        case 0, 20...23: return population.decline(member, reason: "r")
        case 1: event.kind = .leased(worker: "w")
        case 2: break
        case 3: event = steering(population, member, &random)
        default:
            let scores: [Double] = [1, 2, 3, 4, .nan, -.infinity]
            let declined = Int.random(in: 0..<4, using: &random) == 0
            let state = population.members[member]
            // Who declines has trained on from its own state.
            let start = declined && state.isInherited ? state.previous?.step ?? 0 : state.step
            let step = start + Int.random(in: 0...3, using: &random)
            var report = Report(
                member: member, step: step, score: scores.randomElement(using: &random) ?? 0)
            if Int.random(in: 0..<5, using: &random) > 0 { report.checkpoint = "\(member)@\(step)" }
            report.declined = declined
            if Int.random(in: 0..<8, using: &random) == 0 {
                report.hyperparameters = [Value.number(Double.random(in: -2...2, using: &random))]
            }
            return population.report(report)
        }
        population.apply(event)
        return event
    }

    /// How often each address is named by what a population holds.
    private static func held(_ population: Population) -> [Checkpoints.Address: Int] {
        var states = population.members.filter { !$0.isRemoved }
            .flatMap { [$0.latest, $0.previous] }
        states.append(population.best)
        return Dictionary(
            states.compactMap { $0.map { (Checkpoints.Address($0.checkpoint), 1) } },
            uniquingKeysWith: +)
    }

    private func expectSame(_ one: Population, _ other: Population) {
        // As text, for a NaN equals nothing.
        #expect("\(one.members)" == "\(other.members)")
        #expect(one.order == other.order)
        #expect("\(one.summary)" == "\(other.summary)")
        #expect("\(String(describing: one.best))" == "\(String(describing: other.best))")
        #expect(one.status == other.status)
        #expect(one.specification == other.specification)
        #expect(one.checkpoints.held == other.checkpoints.held)
        #expect(one.checkpoints.held == Self.held(one))
    }
}
