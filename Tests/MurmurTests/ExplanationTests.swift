import Testing

import struct Evolution.Verdict

@testable import Histories
@testable import Murmuration

/// Why members did what they did, in sentences.
struct ExplanationTests {
    private func told(_ past: PastEvents, of member: Int, _ population: Population = population())
        -> [String]
    {
        let story = MemberStory(
            of: member,
            events: past.events.filter { $0.member == nil || $0.member == member })
        return story.chapters.map { Explanation(population: population).paragraph($0) }
    }

    @Test func `A copy is told with what was changed and what became of it`() {
        var past = PastEvents(members: 16)
        let donor = past.report(4, step: 130, score: 0.9856, rate: 0.1)
        past.report(
            7, step: 120, score: 0.9611, rank: (15, 16), verdict: .truncation("copied", copiers: 3),
            copies: donor, of: 4)
        #expect(
            told(past, of: 7) == [
                "It began with rate 0.1.",
                """
                Step 120 (report 1): scored 0.9611, rank 15 of 16. The worst 3 copy, so it copied \
                member 4 (0.9856 at step 130): rate 0.1 → 0.08 (perturbed, × 0.8). Until it \
                reports it is member 4, and neither copies nor is copied.
                """,
            ])
        past.report(
            7, step: 140, score: 0.97, rate: 0.5, rank: (3, 16),
            verdict: .truncation("not_among_worst", copiers: 3))
        #expect(told(past, of: 7)[1].hasSuffix("(perturbed, × 0.8)."))
        #expect(
            told(past, of: 7)[2] == """
                Step 140 (report 2): scored 0.97, rank 3 of 16. The worker had set rate 0.5 instead \
                of 0.08. Only the worst 3 copy, so it went on.
                """)
    }

    @Test func `What begins to count with a copy, and what does no more, is told`() {
        let exploit = Event.Exploit(
            donor: 4, donorReport: 1, step: 130, score: 0.9856, checkpoint: "/c",
            donorHyperparameters: ["optimizer": "adam", "rate": 0.1, "beta": 0.9],
            hyperparameters: ["optimizer": "sgd", "rate": 0.1, "momentum": 0.5],
            operations: [.perturbed, .kept, .kept])
        #expect(
            Explanation(population: population()).words(exploit) == """
                member 4 (0.9856 at step 130): optimizer adam → sgd (perturbed), rate 0.1 (kept), \
                momentum 0.5 (now active), beta – (now inactive)
                """)
    }

    @Test func `A copy that was declined says so, with the next report or by itself`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 10, score: 1)
        past.report(0, step: 10, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.add(.declined(reason: "no such\u{1B} file", fallback: .previous), of: 0)
        past.report(0, step: 20, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.report(
            0, step: 30, score: 0.2, declined: true, rank: (5, 5),
            verdict: .truncation("nobody_to_copy", copiers: 1))
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
        past.report(3, step: 45, score: 0.4, rate: 0.3, verdict: Self.tooSoon)
        let told = told(past, of: 3)
        #expect(told[2].hasSuffix("(perturbed, × 0.8)."))
        #expect(told[3].contains("The worker had set rate 0.3 instead of 0.08."))
        #expect(told[3].contains("that was 5 steps after step 40, and the interval is 10."))
    }

    private static let tooSoon = Event.Verdict(
        rule: "", ranking: "", outcome: "too_soon",
        facts: [
            .init(name: "steps", value: 5), .init(name: "since", value: 40),
            .init(name: "interval", value: 10),
        ])

    /// A verdict, from the text that the journal has of it.
    private static func verdict(_ text: String) throws -> Event.Verdict {
        let read = Evolution.Verdict(text: text)
        let verdict = try #require(read)
        return Event.Verdict(
            rule: verdict.rule, ranking: verdict.ranking, outcome: verdict.outcome,
            facts: verdict.facts.map { .init(name: $0.name, value: $0.value) })
    }

    @Test(arguments: [
        (":history_only", "It has no checkpoint, so it is history only."),
        (":before_burn_in burn_in=50", "No exploit is considered before step 50 (burn_in)."),
        (
            ":too_soon steps=1 since=39 interval=10",
            "No exploit was considered: that was 1 step after step 39, and the interval is 10."
        ),
        (":finished max_steps=40", "It has finished (max_steps 40)."),
        (":awaits_generation generation=7", "It waits for generation 7 to close."),
        (
            ":too_few_ranked min_population_size=5",
            "Nobody copies before 5 members have a state (min_population_size)."
        ),
        ("truncation:nobody_copies", "Nobody copies (fraction 0), so it went on."),
        ("truncation:not_among_worst copiers=3", "Only the worst 3 copy, so it went on."),
        (
            "truncation:among_best donors=8",
            "It stood among the best 8, who copy nobody, so it went on."
        ),
        (
            "t_test:not_significant opponent=4 p_value=0.0712",
            """
            It met member 4, whose last scores were better, but that may be chance (p = 0.0712), so \
            it went on.
            """
        ),
        (
            "t_test:too_few_scores opponent=4",
            "It met member 4, and one of the two had fewer than two scores, so it went on."
        ),
        ("none:nobody_copies", "Nobody copies (selection none), so it went on."),
        (
            "truncation:gap_too_small copiers=1 gap=0.001 min_gap=0.01",
            """
            Whom it would have copied was better by 0.001 only, and the least is 0.01 (min_gap), so \
            it went on.
            """
        ),
        // By a rule that is not known here.
        ("lottery:lost_it tickets=2", "By lottery: lost it (tickets 2), so it went on."),
    ])
    func `Each verdict is a sentence`(text: String, sentence: String) throws {
        var past = PastEvents(members: 1)
        let report = past.report(0, step: 40, score: .nan, verdict: try Self.verdict(text))
        let chapter = MemberStory.Chapter.decision(.init(report: report))
        #expect(
            Explanation(population: population()).paragraph(chapter)
                == "Step 40 (report 1): scored NaN, which ranks last. \(sentence)")
    }

    @Test(arguments: [
        ("truncation:copied copiers=1", "The worst one copies, so it copied member 4 ("),
        (
            "t_test:copied opponent=4 p_value=0.01",
            "It met member 4, whose last scores were better (p = 0.01), so it copied member 4"
        ),
    ])
    func `Each copy says why`(text: String, sentence: String) throws {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 10, score: 1)
        past.report(
            0, step: 10, score: 0.1, rank: (5, 5), verdict: try Self.verdict(text), copies: donor,
            of: 4)
        #expect(told(past, of: 0)[1].contains("rank 5 of 5. \(sentence)"))
    }

    @Test func `What ranks are by is said when it is not the last score`() throws {
        var past = PastEvents(members: 5)
        past.report(
            0, step: 10, score: 0.1, rank: (3, 5),
            verdict: try Self.verdict("truncation/mean:not_among_worst copiers=1"))
        #expect(told(past, of: 0)[1].contains("rank 3 of 5 by the mean of its last scores."))
    }

    @Test func `What was decided before verdicts were recorded is told without them`() {
        var past = PastEvents(members: 5)
        let donor = past.report(4, step: 10, score: 1)
        past.report(0, step: 10, score: 0.1, rank: (5, 5), copies: donor, of: 4)
        past.report(0, step: 20, score: 0.1, rate: 0.08, rank: (2, 5))
        past.report(0, step: 22, score: 0.1, rate: 0.08)
        let told = told(past, of: 0)
        #expect(told[1].contains("rank 5 of 5. It copied member 4 (1 at step 10): rate"))
        #expect(told[2].hasSuffix("rank 2 of 5. It went on."))
        #expect(told[3].hasSuffix("scored 0.1. No exploit was considered."))
    }

    @Test func `A report without a checkpoint is history only`() {
        var past = PastEvents(members: 1)
        past.report(0, step: 10, score: 1, checkpoint: false)
        #expect(told(past, of: 0)[1].hasSuffix("It has no checkpoint, so it is history only."))
    }

    @Test func `Settings that changed are told`() {
        var past = PastEvents(members: 6)
        past.report(0, step: 10, score: 1)
        past.add(.changed(before: ["fraction": 0.5], after: ["fraction": 0.4]))
        past.add(
            .changed(
                before: ["interval": 10, "max_steps": 40, "selection": "truncation"],
                after: ["interval": 20, "max_steps": 0, "selection": "t_test"]))
        let told = told(past, of: 0)
        #expect(told[2] == "The settings changed: fraction 0.5 → 0.4.")
        #expect(
            told[3]
                == "The settings changed: interval 10 → 20, max_steps 40 → none, "
                + "selection truncation → t_test.")
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
            (dimension(.bool), true, false, "x true → false (perturbed, the other one)"),
            (dimension(.choice), "relu", "tanh", "x relu → tanh (perturbed, another choice)"),
            (dimension(.ordinal), 1, 2, "x 1 → 2 (perturbed, a neighbour)"),
            (nil, 1, 2, "x 1 → 2 (perturbed)"),
        ] as [(Population.Dimension?, HyperparameterValue, HyperparameterValue, String)])
    func `A move says by how much`(
        dimension: Population.Dimension?, from: HyperparameterValue, to: HyperparameterValue,
        text: String
    ) {
        let explanation = Explanation(population: population(space: dimension.map { [$0] } ?? []))
        #expect(explanation.move(of: "x", from: from, to: to, by: .perturbed) == text)
    }

    @Test func `What was not perturbed is said`() {
        let explanation = Explanation(population: population(space: []))
        #expect(explanation.move(of: "x", from: 16, to: 16, by: .kept) == "x 16 (kept)")
        #expect(
            explanation.move(of: "x", from: 16, to: 20, by: .resampled)
                == "x 16 → 20 (resampled)")
    }
}
