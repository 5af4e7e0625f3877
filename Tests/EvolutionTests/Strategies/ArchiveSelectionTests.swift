import Testing

@testable import Evolution

struct ArchiveSelectionTests {
    private func archiving(
        _ settings: SettingValues = [:], seed: UInt64 = 1
    ) throws -> Specification {
        try specification(seed: seed) {
            $0.apply(["selection": "archive"])
            $0.apply(settings)
        }
    }

    /// The kept states, as members and steps.
    private func kept(_ population: Population) -> [[Int]] {
        population.archive.states.map { [$0.state.member, $0.state.step] }
    }

    // MARK: What is kept

    @Test("The best states ever are kept, one of each member, whatever came later")
    func best() throws {
        var population = population(5, try archiving(["archive": 3]))
        for (member, score) in [5.0, 4, 3, 2, 1].enumerated() {
            population.report(member, step: 1, score: score)
        }
        #expect(kept(population) == [[0, 1], [1, 1], [2, 1]])
        // A worse one of the same member changes nothing, and a better one takes its place.
        population.report(0, step: 2, score: 0)
        #expect(kept(population) == [[0, 1], [1, 1], [2, 1]])
        population.report(1, step: 2, score: 6)
        #expect(kept(population) == [[1, 2], [0, 1], [2, 1]])
        // Of equal ones the first stays.
        population.report(4, step: 2, score: 3)
        #expect(kept(population) == [[1, 2], [0, 1], [2, 1]])
        population.report(4, step: 3, score: 3.5)
        #expect(kept(population) == [[1, 2], [0, 1], [4, 3]])
        population.report(3, step: 2, score: .infinity)
        #expect(kept(population) == [[1, 2], [0, 1], [4, 3]])
        #expect(population.best == population.archive.states[0].state)
    }

    @Test("Where less is better, the least are kept")
    func minimizing() throws {
        var population = population(3, try archiving(["archive": 2, "objective": "minimize"]))
        for (member, score) in [5.0, 4, 3].enumerated() {
            population.report(member, step: 1, score: score)
        }
        #expect(kept(population) == [[2, 1], [1, 1]])
    }

    @Test("Checkpoints are held until their states are kept no more")
    func checkpoints() throws {
        var population = population(3, try archiving(["archive": 1]))
        population.report(0, step: 1, score: 5)
        for step in 2...4 { population.report(0, step: step, score: 1) }
        #expect(population.checkpoints.holds("0@1"))
        #expect(population.takeReleased() == ["0@2"])
        population.report(1, step: 1, score: 6)
        #expect(!population.checkpoints.holds("0@1"))
        #expect(population.takeReleased() == ["0@1"])
        #expect(population.checkpoints.holds("1@1"))
    }

    @Test("What a member that was removed committed is kept no more")
    func removal() throws {
        var population = population(3, try archiving(["archive": 2]))
        for (member, score) in [5.0, 4, 3].enumerated() {
            population.report(member, step: 1, score: score)
        }
        for step in 2...3 { population.report(1, step: step, score: 0) }
        population.apply(Event(member: 0, kind: .removed))
        #expect(kept(population) == [[1, 1]])
        // It is the best that is left, though its member has other states now.
        #expect(population.best?.checkpoint == "1@1")
        #expect(!population.checkpoints.holds("0@1"))
    }

    @Test("An archive begins with what is there, becomes smaller, and ends, while members train")
    func steering() throws {
        var population = try population(4, specification())
        for (member, score) in [5.0, 4, 3, 2].enumerated() {
            population.report(member, step: 1, score: score)
            population.report(member, step: 2, score: score - 3)
        }
        population.report(0, step: 3, score: 0)
        #expect(population.archive.states.isEmpty)
        let begin: SettingValues = ["selection": "archive", "archive": 3]
        population.apply(Event(kind: .changed(before: [:], after: begin)))
        // The best ever of all, and what else the members still have.
        #expect(kept(population) == [[0, 1], [1, 1], [2, 1]])
        population.apply(Event(kind: .changed(before: [:], after: ["archive": 1])))
        #expect(kept(population) == [[0, 1]])
        population.apply(Event(kind: .changed(before: [:], after: ["selection": "none"])))
        #expect(population.archive.states.isEmpty)
    }

    // MARK: What is copied

    /// Four members of which the last one is the worst by far; it reports at this step.
    private func lagging(_ population: inout Population, step: Int) -> Reported {
        population.report(3, step: step, score: -1)
    }

    /// Members 0 to 2 were good, and became worse.
    private func declined(_ settings: SettingValues = [:]) throws -> Population {
        var population = population(
            4, try archiving(["archive": 2, "min_population_size": 2, "burn_in": 4]))
        population.apply(Event(kind: .changed(before: [:], after: settings)))
        for (member, score) in [5.0, 4, 3].enumerated() {
            population.report(member, step: 1, score: score)
        }
        for step in 2...3 {
            for member in 0..<3 { population.report(member, step: step, score: 0) }
        }
        return population
    }

    @Test("Whoever is among the worst copies one of the best states ever, and goes back for it")
    func goingBack() throws {
        var population = try declined()
        let reported = lagging(&population, step: 4)
        let exploit = try #require(reported.exploit)
        #expect([0, 1].contains(exploit.donor.member))
        #expect(exploit.donor.step == 1)
        #expect(reported.verdict?["kept"] == 2)
        #expect(
            reported.verdict?["archived"] == Double(exploit.donor.member + 1),
            "\(reported.verdict?.text ?? "")")
        #expect(population.members[3].step == 1)
        #expect(population.members[3].latest == exploit.donor)
        #expect(population.archive[exploit.donor]?.copies == 1)
        // Whoever goes on from there is told to train another interval from there.
        #expect(population.targetStep(of: 3) == 2)
    }

    @Test("It goes back also while members wait for a worker, and stays when it is told so")
    func whileWaiting() throws {
        var population = try declined()
        population.apply(Event(member: 0, kind: .released(.switched)))
        #expect(population.tally.waiting == 1)
        #expect(lagging(&population, step: 4).exploit?.donor.step == 1)
        // By a gap that is not reached, it goes on.
        population = try declined(["min_gap": 100.0])
        let reported = lagging(&population, step: 4)
        #expect(reported.exploit == nil)
        #expect(reported.verdict?.outcome == Verdict.gapTooSmall)
    }

    @Test("A state is copied four times; then one of the members is")
    func spent() throws {
        var population = try declined(["archive": 1])
        var steps: [Int] = []
        for step in 4..<10 {
            let exploit = try #require(lagging(&population, step: step).exploit)
            steps.append(exploit.donor.step)
        }
        #expect(steps == [1, 1, 1, 1, 3, 3])
        #expect(population.archive.states.map(\.copies) == [4])
    }

    @Test("Nobody copies a state of its own, one that is no better, or one that has finished")
    func others() throws {
        var population = try declined(["archive": 1])
        func places(_ member: Int, _ score: Double) throws -> [Int] {
            var state = try #require(population.members[0].latest)
            (state.member, state.score) = (member, score)
            let standing = Standing(rank: 1, ranked: 4)
            return population.archived(
                for: Candidate(member: member, state: state, standing: standing))
        }
        #expect(try places(3, 4.9) == [0])
        #expect(try places(3, 5) == [])
        #expect(try places(3, .nan) == [0])
        #expect(try places(0, 1) == [])
        population.apply(Event(kind: .changed(before: [:], after: ["max_steps": 1])))
        #expect(try places(3, 4.9) == [])
    }

    @Test("When a generation closes, the worst of it go back")
    func generations() throws {
        var population = population(
            5, try archiving(["archive": 1, "mode": "synchronous", "fraction": 0.4]))
        for generation in 1...2 {
            for member in 0..<5 {
                let score = generation == 1 && member == 0 ? 9 : Double(member)
                population.report(member, step: generation, score: score)
            }
            let events = population.closing()
            let exploits = events.compactMap(\.exploit)
            if generation == 2 {
                // The second worst goes back to the best one's, which cannot copy itself.
                #expect(exploits.map { [$0.donor.member, $0.donor.step] } == [[0, 1], [4, 2]])
            }
            for event in events where event.exploit == nil { population.apply(event) }
        }
    }

    @Test("The line of descent goes through the earlier step")
    func descent() throws {
        var population = Population(
            try archiving(["archive": 2, "min_population_size": 2, "burn_in": 2]))
        var events: [Event] = []
        var history: [Int: [Event]] = [:]
        for member in 0..<4 {
            let event = population.creation()
            population.apply(event)
            history[member] = [event]
        }
        for (member, step, score) in [
            (0, 1, 5.0), (1, 1, 4), (2, 1, 3), (3, 2, -1), (3, 2, 7),
        ] {
            let report = Report(
                member: member, step: step, score: score, checkpoint: "\(member) \(events.count)")
            let event = population.report(report)
            history[member]?.append(event)
            events.append(event)
        }
        let donor = try #require(events[3].exploit?.donor)
        #expect(donor.step == 1)
        let schedule = try Lineage.schedule(to: population.members[3].latest) { member, report in
            let all = history[member] ?? []
            let last = all.lastIndex { event in
                if case .reported(let reported) = event.kind { return reported.report == report }
                return false
            }
            return last.map { Array(all[...$0].reversed()) } ?? []
        }
        #expect(schedule.map(\.member) == [donor.member, 3])
        #expect(schedule.map(\.start) == [0, 1])
        #expect(schedule.map(\.end) == [1, 2])
    }

    // MARK: Long histories

    @Test("Scores that only get worse come to an end", arguments: 0..<8 as Range<UInt64>)
    func ending(seed: UInt64) throws {
        struct Decline: VirtualTask {
            let rounds = 30
            let noise = 0.01
            var space: SearchSpace { try! oneNumber() }
            func beginning(_ random: inout Scatter) -> Double { 0 }
            func train(_ weights: inout Double, with values: [Value], from step: Int) -> Double {
                -Double(step)
            }
        }
        var training = try VirtualTraining(
            Decline(), size: 8, workers: .any(2), seed: seed, reports: 4000
        ) { $0.apply(["selection": "archive"]) }
        #expect(training.run().population.isFinished)
    }

    @Test("Whoever is resumed decides alike", arguments: 0..<8 as Range<UInt64>)
    func resuming(seed: UInt64) throws {
        var random = Scatter(seed)
        let specification = try archiving(
            ["archive": 3, "min_population_size": 3, "fraction": 0.3], seed: seed)
        var live = Population(specification)
        var replayed = Population(specification)
        var archived = 0
        for turn in 0..<400 {
            let event = ReplayTests.happen(to: &live, &random)
            replayed.apply(event)
            if case .reported(let reported) = event.kind, reported.verdict?["archived"] != nil {
                archived += 1
            }
            #expect(replayed.archive == live.archive)
            guard turn % 10 == 0 else { continue }
            var (one, other) = (live, resumed(live))
            #expect(other.checkpoints.held == one.checkpoints.held)
            for member in live.members where !member.isRemoved {
                let report = Report(
                    member: member.id, step: member.step + 1, score: Double(member.id % 3),
                    checkpoint: "again \(member.id)")
                #expect(other.report(report) == one.report(report))
            }
        }
        #expect(archived > 5)
    }

    @Test(
        "It says why, in words",
        arguments: [
            (
                "archive:copied copiers=4.0 archived=2.0 kept=5.0", "member 3 (0.9 at step 4): x",
                """
                The worst 4 copy, and it drew number 2 of the 5 best states ever, so it copied \
                member 3 (0.9 at step 4): x.
                """
            ),
            (
                "archive:copied copiers=1.0", "member 3",
                "The worst one copies, so it copied member 3."
            ),
            ("archive:not_among_worst copiers=4.0", nil, "Only the worst 4 copy, so it went on."),
        ] as [(String, String?, String)])
    func reasons(_ text: String, _ copied: String?, _ sentence: String) {
        #expect(Verdict(text: text)?.sentence(copied: copied) == sentence)
    }
}
