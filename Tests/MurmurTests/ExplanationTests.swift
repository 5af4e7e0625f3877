import Testing

@testable import Murmuration
@testable import murmur

/// Why members did what they did, in sentences.
struct ExplanationTests {
    private func told(_ past: PastEvents, of member: Int, _ population: Population = population())
        -> [String]
    {
        let story = MemberStory(
            of: member, in: population,
            events: past.events.filter { $0.member == nil || $0.member == member })
        return story.chapters.map { Explanation(population: population).paragraph($0) }
    }

    @Test func `A copy is told with what was changed and what became of it`() {
        var past = PastEvents(members: 16)
        let donor = past.report(4, step: 130, score: 0.9856, rate: 0.1)
        past.report(7, step: 120, score: 0.9611, rank: (15, 16), copies: donor, of: 4)
        #expect(
            told(past, of: 7) == [
                "It began with rate 0.1.",
                """
                Step 120 (report 1): scored 0.9611, rank 15 of 16. The worst 3 copy, so it copied \
                member 4 (0.9856 at step 130): rate 0.1 → 0.08 (perturbed, × 0.8). Until it \
                reports it is member 4, and neither copies nor is copied.
                """,
            ])
        past.report(7, step: 140, score: 0.97, rate: 0.5, rank: (3, 16))
        #expect(told(past, of: 7)[1].hasSuffix("(perturbed, × 0.8)."))
        #expect(
            told(past, of: 7)[2] == """
                Step 140 (report 2): scored 0.97, rank 3 of 16. The worker had set rate 0.5 instead \
                of 0.08. Only the worst 3 copy, so it went on.
                """)
    }

    @Test func `A copy that was declined says so, with the next report or by itself`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 10, score: 1)
        past.report(0, step: 10, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.add(.declined(reason: "no such\u{1B} file", fallback: .previous), of: 0)
        past.report(0, step: 20, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.report(0, step: 30, score: 0.2, declined: true, rank: (5, 5))
        let told = told(past, of: 0)
        #expect(
            told[1].hasSuffix(
                "It was not taken over: the worker declined (no such\\u{1b} file)."))
        #expect(told[2].hasSuffix("It was not taken over: the worker declined."))
        #expect(told[3].contains("The worst one copies, but nobody could be copied: no member"))
    }

    @Test func `A checkpoint that could not be loaded sends a member back`() {
        var past = PastEvents(members: 1)
        past.report(0, step: 10, score: 1)
        past.report(0, step: 20, score: 1)
        past.add(.declined(reason: "", fallback: .previous), of: 0)
        past.add(.removed, of: 0)
        #expect(
            told(past, of: 0).suffix(2) == [
                "What it was to load was declined, so it went back to step 10.", "It was removed.",
            ])
    }

    @Test func `Who can load nothing goes back, copies, and starts anew, each in a sentence`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 40, score: 0.9)
        past.report(3, step: 10, score: 0.5)
        past.report(3, step: 20, score: 0.6)
        past.add(.declined(reason: "no such file", fallback: .previous), of: 3)
        past.rescue(3, reason: "still none", copies: donor, of: 4)
        let copied = """
            What it was to load was declined (still none), and it had nothing before, so it copied \
            member 4 (0.9 at step 40): rate 0.1 → 0.08 (perturbed, × 0.8).
            """
        #expect(
            told(past, of: 3).suffix(2) == [
                "What it was to load was declined (no such file), so it went back to step 10.",
                copied + " Until it reports it is member 4, and neither copies nor is copied.",
            ])
        past.add(.declined(reason: "none at all", fallback: .start), of: 3)
        past.add(.declined(reason: "", fallback: .start), of: 3)
        let anew =
            "What it was to load was declined, and there was nothing else to load, "
            + "so it started anew."
        #expect(
            told(past, of: 3).suffix(3) == [
                copied + " It was not taken over: the worker declined (none at all).", anew, anew,
            ])
        past.report(3, step: 10, score: 0.4, rate: 0.3)
        #expect(told(past, of: 3).last?.contains("The worker had set") == false)
    }

    @Test func `What is trained after a rescue is compared with what was explored then`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 40, score: 0.9)
        past.report(3, step: 10, score: 0.5)
        past.rescue(3, reason: "", copies: donor, of: 4)
        past.report(3, step: 45, score: 0.4, rate: 0.3)
        let told = told(past, of: 3)
        #expect(told[2].hasSuffix("(perturbed, × 0.8)."))
        #expect(told[3].contains("The worker had set rate 0.3 instead of 0.08."))
        #expect(told[3].contains("that was 5 steps after step 40, and the interval is 10."))
    }

    private static func settings(
        _ change: (inout Population.Settings) -> Void = { _ in }
    ) -> Population.Settings {
        var settings = population().settings
        change(&settings)
        return settings
    }

    @Test(arguments: [
        (40, 30, nil, settings(), Verdict.notConsidered),
        (40, 31, nil, settings(), .tooSoon(since: 31, interval: 10)),
        (40, 30, nil, settings { $0.burnIn = 41 }, .beforeBurnIn(burnIn: 41)),
        (40, 30, nil, settings { $0.maxSteps = 40 }, .finished(maxSteps: 40)),
        (40, 30, nil, settings { $0.maxSteps = Population.Settings.endless }, .notConsidered),
        (40, 30, (1, 4), settings(), .tooFewRanked(least: 5)),
        (40, 30, (1, 4), settings { $0.minPopulationSize = 4 }, .notAmongWorst(1)),
        (40, 30, (13, 16), settings(), .notAmongWorst(3)),
        (40, 30, (14, 16), settings(), .nobodyToCopy(3)),
        (40, 30, (12, 15), settings(), .notAmongWorst(3)),
        (40, 30, (16, 16), settings { $0.fraction = 0 }, .nobodyCopies),
        (40, 30, (9, 16), settings { $0.fraction = 0.5 }, .nobodyToCopy(8)),
    ])
    func `The rules say why there was no exploit`(
        step: Int, considered: Int, rank: (Int, Int)?, settings: Population.Settings,
        verdict: Verdict
    ) {
        var past = PastEvents(members: 1)
        let report = past.report(0, step: step, score: 1, rank: rank)
        #expect(Verdict(report, considered: considered, settings: settings) == verdict)
    }

    @Test(arguments: [
        (Verdict.historyOnly, "It has no checkpoint, so it is history only."),
        (.beforeBurnIn(burnIn: 50), "No exploit is considered before step 50 (burn_in)."),
        (
            .tooSoon(since: 39, interval: 10),
            """
            No exploit was considered: that was 1 step after step 39, and the interval is 10.
            """
        ),
        (.finished(maxSteps: 40), "It has finished (max_steps 40)."),
        (.nobodyCopies, "Nobody copies (fraction 0)."),
        (
            .tooFewRanked(least: 5),
            "Nobody copies before 5 members have a state (min_population_size)."
        ),
    ])
    func `Each reason is a sentence`(verdict: Verdict, sentence: String) {
        var past = PastEvents(members: 1)
        let report = past.report(0, step: 40, score: .nan)
        let chapter = MemberStory.Chapter.decision(.init(report: report, verdict: verdict))
        #expect(
            Explanation(population: population()).paragraph(chapter)
                == "Step 40 (report 1): scored NaN, which ranks last. \(sentence)")
    }

    @Test func `A report without a checkpoint is history only`() {
        var past = PastEvents(members: 1)
        past.report(0, step: 10, score: 1, checkpoint: false)
        #expect(told(past, of: 0)[1].hasSuffix("It has no checkpoint, so it is history only."))
    }

    @Test func `Settings are those of the time`() {
        var past = PastEvents(members: 6)
        past.report(0, step: 10, score: 1, rank: (4, 6))
        past.add(.changed(before: .init(fraction: 0.5), after: .init(fraction: 0.4)))
        past.report(0, step: 20, score: 1, rank: (4, 6))
        past.add(
            .changed(
                before: .init(interval: 10, fraction: 0.4), after: .init(interval: 20, fraction: 0))
        )
        past.report(0, step: 35, score: 1)
        past.report(0, step: 40, score: 1, rank: (4, 6))
        let now = Self.settings {
            $0.interval = 20
            $0.fraction = 0
        }
        let told = told(past, of: 0, population(settings: now))
        #expect(told[1].contains("The worst 3 copy, but nobody could be copied"))
        #expect(told[2] == "The settings changed: fraction 0.5 → 0.4.")
        #expect(told[3].contains("Only the worst 2 copy, so it went on."))
        #expect(told[4] == "The settings changed: interval 10 → 20, fraction 0.4 → 0.")
        #expect(told[5].contains("that was 15 steps after step 20, and the interval is 20"))
        #expect(told[6].contains("Nobody copies (fraction 0)."))
    }

    @Test func `The interval counts from the donor's step`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 27, score: 1)
        past.report(0, step: 10, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.report(0, step: 30, score: 0.1)
        #expect(told(past, of: 0)[2].contains("that was 3 steps after step 27"))
    }

    private static func dimension(
        _ kind: Population.Dimension.Kind, _ min: Double? = nil, _ max: Double? = nil
    ) -> Population.Dimension {
        .init(name: "x", kind: kind, min: min, max: max, log: false)
    }

    @Test(
        arguments: [
            (dimension(.number, 0.01, 1), 0.5, 0.4, "x 0.5 → 0.4 (perturbed, × 0.8)"),
            (dimension(.number, 0.01, 1), 0.5, 0.6, "x 0.5 → 0.6 (perturbed, × 1.2)"),
            (dimension(.number, 0.01, 1), 2, 0.8, "x 2 → 0.8 (perturbed, × 0.8)"),
            (dimension(.number, 0.01, 1), 0.9, 0.92, "x 0.9 → 0.92 (perturbed, reflected at 1)"),
            (
                dimension(.number, 0.1, 1), 0.11, 0.112,
                "x 0.11 → 0.112 (perturbed, reflected at 0.1)"
            ),
            (dimension(.number, -1, 1), 0.5, 0.9, "x 0.5 → 0.9 (perturbed, + 20 % of the range)"),
            (dimension(.number, 0, 1), 0, 0.2, "x 0 → 0.2 (perturbed, + 20 % of the range)"),
            (
                dimension(.number, 0.9, 1), 0.95, 0.94,
                "x 0.95 → 0.94 (perturbed, reflected at its bounds)"
            ),
            (dimension(.integer, 1, 64), 16, 19, "x 16 → 19 (perturbed, × 1.2)"),
            (dimension(.integer, 1, 64), 2, 3, "x 2 → 3 (perturbed, + 1)"),
            (dimension(.integer, 1, 64), 2, 1, "x 2 → 1 (perturbed, − 1)"),
            (dimension(.integer, 1, 64), 60, 57, "x 60 → 57 (perturbed, reflected at 64)"),
            // What no coordinator of ours says.
            (dimension(.number, 1, 0), 0.1, 0.12, "x 0.1 → 0.12 (perturbed)"),
            (dimension(.number, .nan, .nan), 0.1, 0.12, "x 0.1 → 0.12 (perturbed)"),
            (dimension(.choice), "relu", "tanh", "x relu → tanh (perturbed, another choice)"),
            (dimension(.ordinal), 1, 2, "x 1 → 2 (perturbed, a neighbour)"),
            (nil, 1, 2, "x 1 → 2 (perturbed)"),
        ] as [(Population.Dimension?, HyperparameterValue, HyperparameterValue, String)])
    func `A move says by how much`(
        dimension: Population.Dimension?, from: HyperparameterValue, to: HyperparameterValue,
        text: String
    ) {
        let move = HyperparameterMove(
            name: "x", from: from, to: to, operation: .perturbed, dimension: dimension,
            factors: [0.8, 1.2])
        #expect(move.text == text)
    }

    @Test func `What was not perturbed is said`() {
        var move = HyperparameterMove(
            name: "x", from: 16, to: 16, operation: .kept, dimension: nil, factors: [])
        #expect(move.text == "x 16 (kept)")
        move.operation = .resampled
        move.to = 20
        #expect(move.text == "x 16 → 20 (resampled)")
    }
}
