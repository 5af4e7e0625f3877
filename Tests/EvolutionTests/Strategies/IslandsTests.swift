import Testing

@testable import Evolution

struct IslandsTests {
    private func islands(
        _ size: Int, _ settings: SettingValues = [:], seed: UInt64 = 1
    ) throws -> Specification {
        try specification(seed: seed) {
            $0.apply(["selection": "islands", "population_size": .integer(UInt64(size))])
            $0.apply(settings)
        }
    }

    // MARK: The paper's table

    /// Two islands of eight, of which one decides in each generation and the other in every second.
    /// Their members are A0, A1, … and B0, B1, …, from the best one of each to its worst.
    struct Table: CustomTestStringConvertible, Sendable {
        /// All, the best one first.
        var order: String
        var generation: Int
        /// Who copies: the member, whose state it takes over, and whose hyperparameters.
        var parents: [String]
        var testDescription: String { "\(order), generation \(generation)" }
    }

    /// By hand from section 4 of the paper, and the same as its authors' code has.
    private static let interleaved = "A0 B0 A1 A2 B1 B2 A3 A4 B3 A5 A6 B4 B5 A7 B6 B7"
    private static let tables = [
        Table(
            order: interleaved, generation: 1,
            parents: ["A4 B0 B0", "A5 B1 B1", "A6 A0 explored", "A7 A1 explored"]),
        Table(
            order: interleaved, generation: 2,
            parents: [
                "A4 B0 B0", "A5 B1 B1", "A6 A0 explored", "A7 A1 explored",
                "B4 A0 B0", "B5 A1 B0", "B6 B0 explored", "B7 B1 explored",
            ]),
        // A4 is better than all of the other island, whose best one A5 takes over.
        Table(
            order: "A0 A1 A2 A3 A4 B0 A5 B1 B2 B3 A6 B4 B5 B6 A7 B7", generation: 2,
            parents: [
                "A5 B0 B0", "A6 A0 explored", "A7 A1 explored",
                "B4 A0 B0", "B5 A1 B0", "B6 B0 explored", "B7 B1 explored",
            ]),
        // Nobody outside is better.
        Table(
            order: "B0 B1 B2 B3 B4 B5 B6 B7 A0 A1 A2 A3 A4 A5 A6 A7", generation: 2,
            parents: [
                "A4 B0 B0", "A5 B1 B1", "A6 A0 explored", "A7 A1 explored",
                "B6 B0 explored", "B7 B1 explored",
            ]),
    ]

    @Test("When a generation closes, who copies whom is the paper's table", arguments: tables)
    func paper(_ table: Table) throws {
        let specification = try islands(
            16, ["mode": "synchronous", "frequencies": [1, 2], "resample_probability": 1.0])
        var population = population(16, specification)
        let order = table.order.split(separator: " ").map { Self.number(String($0)) }
        for generation in 1...table.generation {
            let before = population.members
            for (place, member) in order.enumerated() {
                population.report(member, step: generation, score: -Double(place))
            }
            let events = population.closing()
            let parents = events.dropFirst().map { Self.parents($0, before) }
            if generation == table.generation { #expect(parents.sorted() == table.parents) }
            // What is copied is known, so that the next generation is the same.
            population.apply(events[0])
        }
    }

    private static func number(_ name: String) -> Int {
        2 * Int(name.dropFirst())! + (name.hasPrefix("A") ? 0 : 1)
    }

    private static func name(_ member: Int) -> String {
        (member.isMultiple(of: 2) ? "A" : "B") + "\(member / 2)"
    }

    private static func parents(_ event: Event, _ members: [Member]) -> String {
        guard let exploit = event.exploit, let member = event.member else { return "\(event)" }
        // No two began with the same value.
        let values = members.first { $0.hyperparameters == exploit.explored }?.id
        #expect((values == nil) == exploit.operations.allSatisfy { $0 == .resampled })
        #expect((values == exploit.donor.member) == exploit.operations.allSatisfy { $0 == .kept })
        return [name(member), name(exploit.donor.member), values.map(name) ?? "explored"]
            .joined(separator: " ")
    }

    // MARK: At each report

    /// Every copy and every report without one, by looking at all members.
    @Test("At each report the rule is what its sentences say", arguments: 0..<12 as Range<UInt64>)
    func asynchronous(seed: UInt64) throws {
        var random = Scatter(seed)
        let size = Int.random(in: 8...40, using: &random)
        let specification = try islands(
            size,
            [
                "frequencies": [1, 2, 5], "min_population_size": 2,
                "objective": Bool.random(using: &random) ? "maximize" : "minimize",
            ], seed: seed)
        let rule = Islands(specification)
        var population = population(size, specification)
        var outcomes: [String: Int] = [:]
        for _ in 0..<40 * size {
            let member = Int.random(in: 0..<size, using: &random)
            let before = population.members[member]
            let step = before.step + 1
            let score = [Double.nan, 1, 2, 3].randomElement(using: &random)! + random.normal()
            let reported = population.report(member, step: step, score: score)
            let verdict = try #require(reported.verdict)
            outcomes[verdict.outcome, default: 0] += 1
            let isReady = step - before.considered >= rule.frequency(of: member)
            #expect((verdict.outcome == "too_soon") == !isReady)
            guard let exploit = reported.exploit else { continue }
            expect(exploit, verdict, of: member, before: population, rule)
        }
        #expect(
            Set(outcomes.keys).isSuperset(of: ["too_soon", "not_among_worst", "copied"]),
            "\(outcomes)")
    }

    private func expect(
        _ exploit: Exploit, _ verdict: Verdict, of member: Int, before population: Population,
        _ rule: Islands
    ) {
        let specification = population.specification
        // What was measured stays after a copy.
        func badness(_ id: Int) -> Double {
            specification.badness(of: population.members[id].measured?.score ?? .nan)
        }
        func place(_ id: Int) -> (Double, UInt32) {
            let report = population.members[id].measured?.report ?? 0
            return (badness(id), specification.tie(of: id, report: report))
        }
        let ranked = population.members.filter { $0.measured != nil }.map(\.id)
            .sorted { place($0) < place($1) }
        let here = ranked.filter { rule.island(of: $0) == rule.island(of: member) }
        let quarter = max(1, here.count / 4)
        let donor = exploit.donor.member
        #expect(badness(donor) <= badness(member))
        func donors(_ ids: [Int]) -> [Int] {
            ids.filter { !population.members[$0].isInherited && badness($0).isFinite }
        }
        guard rule.island(of: donor) == rule.island(of: member) else {
            let others = ranked.filter { rule.island(of: $0) != rule.island(of: member) }
            #expect(donors(others).prefix(quarter).contains(donor))
            let isLocal = rule.frequency(of: donor) < rule.frequency(of: member)
            let best = population.members[here[0]].measured
            let values = isLocal ? best?.hyperparameters : exploit.donor.hyperparameters
            #expect(exploit.explored == values || best?.score.isFinite == false)
            #expect(verdict["from"] == Double(rule.frequency(of: donor)))
            return
        }
        #expect(donors(here).prefix(quarter).contains(donor))
        #expect(!here.prefix(quarter).contains(member))
        #expect(verdict["from"] == nil)
    }

    // MARK: How many islands

    @Test("There are as many islands as have four members each, the most frequent ones")
    func few() throws {
        for (size, frequencies) in [(8, [1, 10]), (15, [1, 10, 25]), (16, [1, 10, 25, 50])] {
            #expect(Islands(try islands(size)).frequencies == frequencies)
        }
        #expect(Islands(try islands(100)).frequencies == [1, 10, 25, 50])
        // Members of one island are as many as of another, and one that is added changes none.
        let rule = Islands(try islands(16))
        #expect((0..<8).map(rule.island(of:)) == [0, 1, 2, 3, 0, 1, 2, 3])
    }

    @Test("What islands cannot be is refused, with what to do")
    func refusals() throws {
        func reason(_ settings: SettingValues) -> String? {
            do throws(SpecificationError) {
                var specification = Specification(space: try! oneNumber())
                specification.apply(settings)
                try specification.validate()
                return nil
            } catch { return error.description }
        }
        #expect(
            reason(["selection": "islands", "population_size": 7])?.contains(
                "Two islands have 8 members at least") == true)
        #expect(
            reason(["selection": "islands", "grows": true])?.contains("leave grows out") == true)
        #expect(reason(["selection": "islands", "population_size": 8]) == nil)
        #expect(reason(["population_size": 7]) == nil)
    }

    @Test("Islands begin and end while a population trains")
    func steering() throws {
        var population = try population(8, specification { $0.populationSize = 8 })
        for member in 0..<8 { population.report(member, step: 1, score: Double(member)) }
        #expect(population.archipelago == nil)
        population.apply(
            Event(kind: .changed(before: [:], after: ["selection": "islands"])))
        #expect(population.archipelago?.rank(of: 7) == 1)
        #expect(population.archipelago?.rank(of: 0) == 4)
        #expect(population.interval(of: 1) == 10)
        population.apply(
            Event(kind: .changed(before: [:], after: ["frequencies": [3, 4]])))
        #expect(population.interval(of: 0) == 3)
        population.apply(
            Event(kind: .changed(before: [:], after: ["selection": "truncation"])))
        #expect(population.archipelago == nil)
        #expect(population.interval(of: 1) == 1)
    }

    @Test("Whoever is resumed decides alike", arguments: 0..<8 as Range<UInt64>)
    func resuming(seed: UInt64) throws {
        var random = Scatter(seed)
        let specification = try islands(
            12, ["frequencies": [1, 2, 3], "min_population_size": 3], seed: seed)
        var live = Population(specification)
        var exploits = 0
        for turn in 0..<300 {
            let event = ReplayTests.happen(to: &live, &random)
            if event.exploit != nil { exploits += 1 }
            guard turn % 10 == 0 else { continue }
            var (one, other) = (live, resumed(live))
            for member in live.members where !member.isRemoved {
                let report = Report(
                    member: member.id, step: member.step + 3, score: Double(member.id % 5),
                    checkpoint: "again \(member.id)")
                #expect(other.report(report) == one.report(report))
            }
        }
        #expect(exploits > 5)
    }

    @Test(
        "It says why, in words",
        arguments: [
            (
                "islands:not_among_worst frequency=10.0 place=1.0 placed=4.0 copiers=2.0", nil,
                """
                It was at place 1 of 4 of its island (frequency 10), and only the worst 2 may copy, \
                so it went on.
                """
            ),
            (
                "islands:copied frequency=10.0 place=3.0 placed=4.0 copiers=2.0 from=1.0",
                "member 4",
                """
                It was at place 3 of 4 of its island (frequency 10), and takes over who is better \
                of one of frequency 1, the state alone, with the hyperparameters of its own \
                island's best, so it copied member 4.
                """
            ),
            (
                "islands:copied frequency=1.0 place=4.0 placed=4.0 copiers=2.0", "member 4",
                "It was at place 4 of 4 of its island (frequency 1), so it copied member 4."
            ),
        ] as [(String, String?, String)])
    func reasons(_ text: String, _ copied: String?, _ sentence: String) {
        #expect(Verdict(text: text)?.sentence(copied: copied) == sentence)
    }
}
