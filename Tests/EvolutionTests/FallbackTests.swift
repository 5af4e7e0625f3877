import Testing

@testable import Evolution

/// What a member goes on from whose state cannot be loaded.
struct FallbackTests {
    /// Members with a state each, at step 10; the first one is the best. They reported the worst
    /// first, so that nobody exploited.
    private func contest(
        _ size: Int = 5, _ change: (inout Specification) -> Void = { _ in }
    ) throws -> Population {
        var population = try population(
            size,
            specification {
                $0.interval = 10
                change(&$0)
            })
        for member in (0..<size).reversed() {
            population.report(member, step: 10, score: Double(100 - member))
        }
        return population
    }

    /// Declines, and applies the same event to an equal population.
    private func decline(
        _ member: Int, in population: inout Population, times: Int = 1
    ) -> [Fallback] {
        (0..<times).map { _ in
            var replayed = population
            let event = population.decline(member, reason: "no such file")
            replayed.apply(event)
            // As text, for a NaN equals nothing.
            #expect("\(replayed.members)" == "\(population.members)")
            #expect(replayed.exploits == population.exploits)
            #expect(replayed.order == population.order)
            #expect(replayed.checkpoints.held == population.checkpoints.held)
            guard case .declined("no such file", let fallback) = event.kind else {
                Issue.record("\(event)")
                return .start
            }
            return fallback
        }
    }

    @Test("Four declines lead to the state before, to a donor, to the start, and leave it there")
    func chain() throws {
        var population = try contest { $0.fraction = 0 }
        population.report(0, step: 20, score: 500)
        let own = population.members[0].hyperparameters

        #expect(decline(0, in: &population) == [.previous])
        var member = population.members[0]
        #expect(member.latest?.checkpoint == "0@10")
        #expect((member.step, member.considered, member.previous) == (10, 10, nil))
        #expect(member.hyperparameters == own)

        guard case .donor(let exploit)? = decline(0, in: &population).first else {
            Issue.record("nobody was copied")
            return
        }
        member = population.members[0]
        #expect(exploit.donor == population.members[1].latest)
        #expect(exploit.explored != exploit.donor.hyperparameters)
        #expect(exploit.operations.count == 1)
        #expect(member.latest == exploit.donor)
        #expect(member.isInherited)
        #expect((member.step, member.considered, member.previous) == (10, 10, nil))
        #expect(member.donor == 1)
        #expect(member.hyperparameters == exploit.explored)
        #expect(population.exploits == 1)
        #expect(population.targetStep(of: 0) == 20)

        #expect(decline(0, in: &population) == [.start])
        member = population.members[0]
        #expect((member.latest, member.previous, member.donor) == (nil, nil, nil))
        #expect((member.step, member.considered) == (0, 0))
        #expect(member.hyperparameters == exploit.explored)
        #expect(population.rank(of: 0) == nil)
        #expect(population.targetStep(of: 0) == 10)

        #expect(decline(0, in: &population) == [.start])
        #expect(population.members[0] == member)
        #expect((population.exploits, population.reports) == (1, 6))
        // What was the best stays the best.
        #expect(population.best?.checkpoint == "0@20")
    }

    @Test(
        "Whatever happened before, the third decline in a row leads to the start", arguments: 0..<8
    )
    func ends(seed: UInt64) throws {
        var random = Scatter(seed)
        var population = Population(
            try specification(seed: seed) { ($0.minPopulationSize, $0.fraction) = (3, 0.3) })
        var donors = 0
        for _ in 0..<10 {
            for _ in 0..<20 { _ = ReplayTests.happen(to: &population, &random) }
            for member in population.members where !member.isRemoved {
                var copy = population
                let events = (0..<4).map { _ in copy.decline(member.id, reason: "") }
                let start = Event.Kind.declined(reason: "", fallback: .start)
                #expect(events.suffix(2).map(\.kind) == [start, start], "\(member)")
                #expect(copy.members[member.id].latest == nil)
                #expect(copy.members[member.id].step == 0)
                donors += events.count { $0.exploit != nil }
            }
        }
        #expect(donors > 20)
    }

    @Test("An exploit that is not taken over leads back to the member's own state, not to a donor")
    func exploitDeclined() throws {
        var population = try population(5, specification { $0.interval = 10 })
        for member in 0..<4 { population.report(member, step: 50, score: Double(100 - member)) }
        let own = population.members[4].hyperparameters
        #expect(population.report(4, step: 10, score: 1).exploit?.donor.member == 0)
        #expect(decline(4, in: &population) == [.previous])
        let member = population.members[4]
        #expect(member.latest?.checkpoint == "4@10")
        #expect((member.step, member.considered, member.donor) == (10, 10, nil))
        #expect(member.hyperparameters == own)
        #expect(population.exploits == 1)
        let more = decline(4, in: &population, times: 3)
        #expect(more[0].exploit != nil)
        #expect(more.dropFirst() == [.start, .start])
        #expect(population.exploits == 2)
    }

    @Test("A donor's state that was trained from comes before another donor's, and that the start")
    func inheritedBefore() throws {
        var population = try contest()
        let exploit = try #require(population.report(4, step: 20, score: 1).exploit)
        population.report(4, step: 30, score: 1_000)
        #expect(decline(4, in: &population) == [.previous])
        #expect(population.members[4].latest == exploit.donor)
        #expect(population.members[4].donor == exploit.donor.member)
        let more = decline(4, in: &population, times: 3)
        let other = try #require(more[0].exploit)
        #expect(other.donor.checkpoint != exploit.donor.checkpoint)
        #expect(more.dropFirst() == [.start, .start])
        #expect(population.exploits == 2)
    }

    @Test("With nothing committed, or nobody to copy, a member starts anew")
    func start() throws {
        var population = try population(3, specification())
        let created = population.members[0]
        #expect(decline(0, in: &population, times: 2) == [.start, .start])
        #expect(population.members[0] == created)

        // A score that is not finite, somebody else's state and a removed member are not copied.
        population.report(0, step: 1, score: 7)
        population.report(1, step: 1, score: .nan)
        population.report(2, step: 1, score: 9)
        population.apply(Event(member: 2, kind: .removed))
        #expect(decline(0, in: &population) == [.start])
        #expect(population.exploits == 0)
    }

    @Test("Who lost its state is not copied by itself, nor is who has the lost address too")
    func eligible() throws {
        for seed in 0..<20 as Range<UInt64> {
            var population = try population(
                6,
                specification {
                    $0.seed = seed
                    $0.fraction = 0.5
                    $0.interval = 10
                })
            for member in 0..<6 {
                // The best three share an address, and the fourth is the only other one.
                _ = population.report(
                    Report(
                        member: member, step: 1, score: Double(9 - member),
                        checkpoint: member == 3 ? "own" : "shared"))
            }
            #expect(decline(1, in: &population)[0].exploit?.donor.member == 3)
            let other = decline(3, in: &population)[0].exploit?.donor
            #expect(other?.checkpoint == "shared")
            // Now nobody has another address.
            #expect(decline(0, in: &population) == [.start])
        }
    }

    @Test("As many of the best others are drawn from as rule 3 has donors, and each as likely")
    func chances() throws {
        var counts: [Int: Int] = [:]
        var explored: Set<[Value]> = []
        for seed in 0..<600 as Range<UInt64> {
            var population = try contest(10) {
                $0.seed = seed
                $0.donorsFraction = 0.3
                $0.minPopulationSize = 100
            }
            let fallback = decline(1, in: &population)[0]
            let exploit = try #require(fallback.exploit)
            counts[exploit.donor.member, default: 0] += 1
            explored.insert(exploit.explored)
        }
        #expect(Set(counts.keys) == [0, 2, 3])
        #expect(counts.values.allSatisfy { (150...250).contains($0) }, "\(counts)")
        #expect(explored.count > 500)
    }

    @Test("What is drawn depends on seed, member and its reports alone, and is not an exploit's")
    func draws() throws {
        func rescued(seed: UInt64, detours: Int) throws -> Exploit? {
            var population = try contest { $0.seed = seed }
            for detour in 0..<detours {
                population.report(3, step: 20 + detour, score: 1)
                population.apply(Event(member: 2, kind: .leased(worker: "w\(detour)")))
            }
            return decline(4, in: &population)[0].exploit
        }
        var differing = 0
        for seed in 0..<20 as Range<UInt64> {
            let plain = try #require(try rescued(seed: seed, detours: 0))
            #expect(try rescued(seed: seed, detours: 5) == plain)
            var exploiting = try population(5, specification(seed: seed) { $0.interval = 10 })
            for member in 0..<4 { exploiting.report(member, step: 10, score: Double(100 - member)) }
            let exploit = try #require(exploiting.report(4, step: 10, score: 96).exploit)
            #expect(exploit.donor == plain.donor)
            differing += exploit.explored == plain.explored ? 0 : 1
        }
        #expect(differing > 5)
    }

    @Test("Who declines a donor's state with its next report has trained from the start")
    func declinedByReport() throws {
        var population = try contest()
        let exploit = try #require(decline(4, in: &population)[0].exploit)
        var report = Report(member: 4, step: 5, score: 3, checkpoint: "fresh")
        report.declined = true
        let reported = population.report(report).reported
        #expect(reported.declined)
        #expect(reported.hyperparameters == exploit.explored)
        let member = population.members[4]
        #expect(member.latest?.checkpoint == "fresh")
        #expect((member.step, member.considered, member.previous, member.donor) == (5, 0, nil, nil))
        #expect(!member.isInherited)
        #expect(population.exploits == 1)
    }

    @Test("Until it reports, who lost its state neither donates nor exploits, and then goes on")
    func afterwards() throws {
        var population = try contest()
        let exploit = try #require(decline(0, in: &population)[0].exploit)
        #expect(exploit.donor.member == 1)
        for member in 1..<5 {
            _ = decline(member, in: &population)
            #expect(population.members[member].latest?.member != 0)
        }
        let reported = population.report(0, step: 20, score: 1)
        #expect(reported.standing != nil)
        #expect(population.members[0].previous == exploit.donor)
        #expect(population.members[0].latest?.member == 0)
    }
}

extension Fallback {
    fileprivate var exploit: Exploit? {
        if case .donor(let exploit) = self { exploit } else { nil }
    }
}
