import Testing

@testable import Evolution

struct PopulationTests {
    /// Five members of which the last is the worst and may copy the first, who is at `donorStep`.
    private func contest(
        donorStep: Int = 1, _ change: (inout Specification) -> Void = { _ in }
    ) throws -> Population {
        var population = try population(5, specification(change))
        for member in 0..<4 {
            population.report(member, step: donorStep, score: Double(100 - member))
        }
        return population
    }

    @Test("After exploiting, a member is its donor")
    func becomesDonor() throws {
        var population = try contest(donorStep: 3)
        let reported = population.report(4, step: 7, score: 1)
        let exploit = try #require(reported.exploit)
        let (donor, copier) = (population.members[0], population.members[4])
        #expect(exploit.donor == donor.latest)
        #expect(reported.standing == Standing(rank: 5, ranked: 5))
        #expect(copier.latest == donor.latest)
        #expect(copier.previous?.checkpoint == "4@7")
        #expect(copier.isInherited)
        #expect(copier.hyperparameters == exploit.explored)
        #expect(copier.step == 3)
        #expect(copier.considered == 3)
        #expect(copier.donor == 0)
        #expect(population.exploits == 1)
        // Its donor's score is no measurement of its own.
        #expect(population.rank(of: 4) == 5)
    }

    @Test("Until it reports a state of its own, who exploited neither donates nor exploits")
    func inherited() throws {
        var population = try contest { $0.seed = 2 }
        #expect(population.report(4, step: 1, score: 1).exploit != nil)
        // The same score as the donor's, but only the donor is copied.
        for step in 2...30 {
            let exploit = population.report(3, step: step, score: 0).exploit
            #expect(exploit == nil || exploit?.donor.member == 0)
        }
        let history = population.report(Report(member: 4, step: 9, score: -5)).reported
        #expect(history.standing == nil)
        #expect(history.exploit == nil)
        #expect(population.members[4].isInherited)
    }

    @Test("The interval counts from the donor's step")
    func interval() throws {
        var population = try contest(donorStep: 30) { $0.interval = 10 }
        #expect(population.report(4, step: 100, score: 1).exploit != nil)
        #expect(population.targetStep(of: 4) == 40)
        #expect(population.report(4, step: 35, score: 1).standing == nil)
        #expect(population.targetStep(of: 4) == 40)
        #expect(population.report(4, step: 40, score: 1).exploit != nil)
    }

    @Test("A report between two intervals is ranked but not considered")
    func between() throws {
        var population = try population(1, specification { $0.interval = 4 })
        #expect(population.targetStep(of: 0) == 4)
        let steps = [1, 3, 4, 5, 7, 9, 12, 13]
        let considered = steps.filter {
            population.report(0, step: $0, score: 1).standing != nil
        }
        #expect(considered == [4, 9, 13])
        #expect(population.members[0].latest?.step == 13)
        #expect(population.targetStep(of: 0) == 17)
    }

    @Test("Nobody exploits before the burn-in is over, nor at the last step")
    func burnInAndEnd() throws {
        var population = try population(
            5, specification { ($0.burnIn, $0.maxSteps, $0.interval) = (20, 45, 10) })
        var considered: [Int] = []
        for step in stride(from: 10, through: 50, by: 10) {
            let step = min(step, population.targetStep(of: 0))
            if population.report(0, step: step, score: 1).standing != nil {
                considered.append(step)
            }
        }
        #expect(considered == [20, 30, 40])
        #expect(population.isFinished(0))
        #expect(population.tally.finished == 1)
        #expect(population.targetStep(of: 0) == 45)
        #expect(!population.isFinished(1))
    }

    @Test("A report without a checkpoint is history only")
    func history() throws {
        var population = try contest()
        population.report(4, step: 1, score: 50)
        let before = population.members[4]
        var report = Report(member: 4, step: 9, score: 1_000)
        report.hyperparameters = [.number(0.5)]
        let reported = population.report(report).reported
        #expect(reported.standing == nil)
        #expect(reported.exploit == nil)
        let after = population.members[4]
        #expect(after.latest == before.latest)
        #expect(after.previous == before.previous)
        #expect(after.step == 9)
        #expect(after.reports == before.reports + 1)
        #expect(after.hyperparameters == [.number(0.5)])
        // A worker that takes it over starts from what was committed.
        population.apply(Event(member: 4, kind: .leased(worker: "w")))
        #expect(population.members[4].step == before.step)
    }

    @Test("A member without a committed state is leased at step 0 and is not ranked")
    func unranked() throws {
        var population = try population(2, specification())
        _ = population.report(Report(member: 0, step: 5, score: 1))
        population.apply(Event(member: 0, kind: .leased(worker: "w")))
        #expect(population.members[0].step == 0)
        #expect(population.order.isEmpty)
        #expect(population.tally.steps == 0)
    }

    @Test("An exploit that the next report declines is undone before that report counts")
    func declinedByReport() throws {
        var population = try contest(donorStep: 50) { $0.interval = 10 }
        let own = population.members[4].hyperparameters
        let exploit = try #require(population.report(4, step: 10, score: 1).exploit)
        #expect(population.members[4].step == 50)
        var report = Report(member: 4, step: 15, score: 2, checkpoint: "own")
        report.declined = true
        let reported = population.report(report).reported
        #expect(reported.declined)
        #expect(reported.hyperparameters == own)
        #expect(reported.hyperparameters != exploit.explored)
        // The exploit had been considered at step 10.
        #expect(reported.standing == nil)
        let member = population.members[4]
        #expect(member.considered == 10)
        #expect(member.latest?.checkpoint == "own")
        #expect(member.previous?.checkpoint == "4@10")
        #expect(population.targetStep(of: 4) == 20)
        #expect(population.rank(of: 4) == 5)
    }

    @Test("A decline of what was never inherited changes nothing that a report says")
    func idleDecline() throws {
        var population = try contest()
        var report = Report(member: 0, step: 2, score: 99, checkpoint: "next")
        report.declined = true
        #expect(!population.report(report).reported.declined)
        #expect(population.members[0].previous?.checkpoint == "0@1")
    }

    @Test("A decline of an older journal leads back, and in the end to a fresh start")
    func declines() throws {
        var population = try contest(donorStep: 50) { $0.interval = 10 }
        let start = population.members[4].hyperparameters
        population.report(4, step: 5, score: 1)
        let exploit = try #require(population.report(4, step: 10, score: 1).exploit)
        let decline = Event(member: 4, kind: .declined(reason: "no such file", fallback: .previous))

        population.apply(decline)
        var member = population.members[4]
        #expect(member.latest?.checkpoint == "4@10")
        #expect((member.step, member.considered) == (10, 10))
        #expect(member.hyperparameters == start)
        #expect(member.previous == nil)
        #expect(member.donor == nil)
        #expect(member.hyperparameters != exploit.explored)

        population.apply(decline)
        member = population.members[4]
        #expect(member.latest == nil)
        #expect((member.step, member.considered) == (0, 0))
        #expect(member.hyperparameters == start)
        #expect(population.rank(of: 4) == nil)

        population.apply(decline)
        #expect(population.members[4] == member)
        #expect(population.report(4, step: 10, score: 1).report == 3)
    }

    @Test("An own checkpoint that cannot be loaded leads back to the donor's")
    func ownCheckpointLost() throws {
        var population = try contest(donorStep: 50) { $0.interval = 10 }
        let exploit = try #require(population.report(4, step: 10, score: 1).exploit)
        population.report(4, step: 55, score: 1)
        population.apply(
            Event(member: 4, kind: .declined(reason: "half written", fallback: .previous)))
        let member = population.members[4]
        #expect(member.latest == exploit.donor)
        #expect((member.step, member.considered) == (50, 50))
        #expect(member.hyperparameters == exploit.explored)
    }

    @Test("What a user set is recorded as it is, in the space's type")
    func setByUser() throws {
        var population = try population(1, specification())
        var report = Report(member: 0, step: 1, score: 1, checkpoint: "c")
        report.hyperparameters = [.integer(7)]
        report.metrics = [Metric(name: "loss", value: 0.5)]
        let reported = population.report(report).reported
        #expect(reported.hyperparameters == [.number(7)])
        #expect(reported.metrics == [Metric(name: "loss", value: 0.5)])
        #expect(population.members[0].latest?.hyperparameters == [.number(7)])
        #expect(population.members[0].hyperparameters == [.number(7)])
    }

    @Test("What a report draws depends on seed, member and report alone")
    func drawsAlone() throws {
        func exploit(seed: UInt64, detours: Int) throws -> Exploit? {
            var population = try contest { $0.seed = seed }
            for detour in 0..<detours {
                population.report(1, step: 2 + detour, score: 99)
                population.apply(Event(member: 2, kind: .leased(worker: "w\(detour)")))
            }
            return population.report(4, step: 1, score: 1).exploit
        }
        let plain = try #require(try exploit(seed: 1, detours: 0))
        #expect(try exploit(seed: 1, detours: 5) == plain)
        #expect(try exploit(seed: 2, detours: 0) != plain)
    }
}
