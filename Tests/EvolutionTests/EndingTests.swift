import Testing

@testable import Evolution

struct EndingTests {
    @Test("A budget is used up by the report that reaches it")
    func budgets() throws {
        var population = try population(
            4, specification { $0.apply(["report_budget": 3, "step_budget": 50]) })
        for member in 0..<2 {
            population.report(member, step: 1, score: 1)
            #expect(population.ending == nil)
        }
        population.report(2, step: 1, score: 1)
        #expect(population.ending == .reports)
        population.apply(Event(kind: .changed(before: [:], after: ["report_budget": 0])))
        #expect(population.ending == nil)
        population.report(3, step: 47, score: 1)
        #expect(population.ending == .steps)
        population.apply(Event(kind: .ended(.steps)))
        #expect(
            population.obstacle
                == "The population has ended, for its step_budget (50) is used up: raise it and "
                + "resume, to go on.")
        population.apply(Event(kind: .resumed))
        #expect(population.status == .active)
    }

    @Test("Every status is a word that reads back, and those of before are the same")
    func statuses() {
        let all: [Population.Status] =
            [.active, .paused, .ended(nil)] + Ending.allCases.map { .ended($0) }
        #expect(
            all.map(\.rawValue) == [
                "active", "paused", "ended", "report_budget", "step_budget", "time_budget",
                "plateau",
            ])
        for status in all { #expect(Population.Status(rawValue: status.rawValue) == status) }
        #expect(Population.Status(rawValue: "over") == nil)
    }

    // MARK: Plateaus

    /// In how many intervals a population of eight ends that gains so much in each; `nil` when it goes
    /// on for 200.
    private func end(
        gain: (_ interval: Int) -> Double, noise: Double, plateau: Int, seed: UInt64 = 1,
        _ settings: SettingValues = [:]
    ) throws -> Int? {
        var population = try population(
            8,
            specification(seed: seed) {
                $0.plateau = plateau
                $0.apply(settings)
            })
        let sign: Double = population.specification.objective == .maximize ? 1 : -1
        var random = Scatter(seed)
        for interval in 1...200 {
            for member in 0..<8 {
                population.report(
                    member, step: population.members[member].step + 1,
                    score: sign * (gain(interval) + noise * random.normal()))
                if population.endingAfterReport == .plateau { return interval }
            }
        }
        return nil
    }

    @Test(
        "Whatever rises goes on, with noise or without", arguments: [0, 0.3], [1, 2] as [UInt64])
    func rising(noise: Double, seed: UInt64) throws {
        #expect(
            try end(gain: { Double($0) }, noise: noise, plateau: 10, seed: seed) == nil)
        #expect(
            try end(
                gain: { Double($0) }, noise: noise, plateau: 10, seed: seed,
                ["objective": "minimize"]) == nil)
    }

    @Test("What has stopped rising ends once the intervals are over", arguments: [4, 10, 32])
    func flat(_ plateau: Int) throws {
        let exact = try #require(
            try end(gain: { Double(min($0, 50)) }, noise: 0, plateau: plateau))
        #expect((50 + plateau / 2...50 + plateau + 1).contains(exact))
        let noisy = try #require(
            try end(gain: { Double(min($0, 50)) }, noise: 0.3, plateau: plateau))
        #expect((50..<50 + 4 * plateau).contains(noisy))
    }

    @Test("A slow gain below the noise of a score goes on: it is that of all members that counts")
    func slow() throws {
        let ends = try (1...5).map { seed in
            try end(gain: { 0.05 * Double($0) }, noise: 0.1, plateau: 20, seed: seed)
        }
        #expect(ends.allSatisfy { $0 == nil }, "\(ends)")
    }

    @Test("Of few members, and of those that have reported seldom, nothing is said")
    func few() throws {
        var population = try population(3, specification { $0.plateau = 4 })
        for step in 1...20 {
            for member in 0..<3 { population.report(member, step: step, score: 1) }
        }
        #expect(population.plateau == nil && population.ending == nil)
    }

    @Test("Whoever is resumed ends at the same report")
    func resuming() throws {
        var live = try population(
            6, specification { $0.apply(["plateau": 6, "ranking": "mean", "window": 3]) })
        var random = Scatter(3)
        for step in 1...40 {
            for member in 0..<6 {
                var other = resumed(live)
                live.report(member, step: step, score: random.normal())
                other.report(member, step: step, score: live.members[member].measured!.score)
                #expect(other.endingAfterReport == live.endingAfterReport)
                #expect(other.plateau == live.plateau)
            }
        }
        #expect(live.plateau != nil)
    }

    @Test("A longer memory for it changes no ranking", arguments: ["mean", "comparable_step"])
    func rankings(_ ranking: String) throws {
        let rules: SettingValues = ["ranking": .word(ranking), "window": 3]
        var one = try population(8, specification { $0.apply(rules) })
        var other = try population(
            8,
            specification {
                $0.apply(rules)
                $0.plateau = 20
            })
        var random = Scatter(4)
        for step in 1...30 {
            for member in 0..<8 {
                let score = random.normal()
                let reported = one.report(member, step: step, score: score)
                #expect(other.report(member, step: step, score: score) == reported)
            }
        }
        #expect(one.exploits > 10)
    }
}
