import Evolution
import Messages
import Testing

struct ConversionTests {
    static let values: [Value] = [.number(0.01), .integer(3), .text("relu"), .flag(true)]
    static let donor = CommittedState(
        member: 5, report: 2, step: 20, score: 0.75, hyperparameters: values, checkpoint: "b")

    static func settings(_ maxSteps: UInt64) -> SettingValues {
        [
            "max_steps": .integer(maxSteps), "interval": .integer(maxSteps + 1),
            "burn_in": .integer(maxSteps + 2), "fraction": 0.25, "min_population_size": 3,
            "resample_probability": 0.0, "selection": "tournament",
            "perturbation_factors": [0.5, 2],
        ]
    }

    static let events: [Event] = {
        var reported = Reported(
            report: 3, step: 30, score: .infinity, checkpoint: "a", hyperparameters: values)
        reported.metrics = [Metric(name: "loss", value: 0.5)]
        reported.declined = true
        reported.standing = Standing(rank: 9, ranked: 10)
        reported.verdict = Verdict(
            rule: "truncation", ranking: "mean", outcome: "copied",
            facts: [Verdict.Fact("copiers", 2), Verdict.Fact("gap", 0.25)])
        reported.generation = 7
        let exploit = Exploit(
            donor: donor, explored: [.number(0.012), .integer(4), .text("tanh"), .flag(true)],
            operations: [.perturbed, .resampled, .perturbed, .kept])
        let rescue = Exploit(
            donor: donor, explored: values, operations: [.kept, .kept, .resampled, .kept])
        reported.exploit = exploit
        let exploited = Exploited(
            generation: 7, report: 3, step: 30, score: -.infinity,
            standing: Standing(rank: 10, ranked: 10), verdict: reported.verdict, exploit: exploit)
        let plain = Reported(
            report: 1, step: 1, score: 0, checkpoint: nil, hyperparameters: values)
        return [
            Event(member: 0, kind: .created(hyperparameters: values)),
            Event(member: 1, kind: .leased(worker: "a/1")),
            Event(member: 2, kind: .reported(reported)),
            Event(member: 2, kind: .reported(plain)),
            Event(member: 3, kind: .declined(reason: "It is gone.", fallback: .previous)),
            Event(member: 3, kind: .declined(reason: "", fallback: .donor(rescue))),
            Event(member: 3, kind: .declined(reason: "", fallback: .start)),
            Event(member: 4, kind: .released(.switched)), Event(member: 4, kind: .released(.left)),
            Event(member: 4, kind: .released(.lapsed)),
            Event(member: 4, kind: .released(.finished)), Event(member: 5, kind: .removed),
            Event(kind: .paused), Event(kind: .resumed), Event(kind: .ended(nil)),
            Event(kind: .changed(before: settings(200), after: settings(0))),
            Event(member: 4, kind: .released(.generation)),
            Event(member: 6, kind: .exploited(exploited)),
            Event(
                kind: .generationClosed(
                    GenerationClosed(generation: 7, reported: 15, isByDeadline: true))),
        ]
    }()

    @Test("An event comes back from the wire as it was", arguments: events)
    func event(_ event: Event) throws {
        let wire = WireEvent(event, sequence: 7, time: -1, space: .vectors)
        #expect(try WireEvent(bytes: wire.bytes)?.event(in: .vectors) == event)
        #expect(wire.sequence == 7)
        #expect(wire.timeMilliseconds == -1)
    }

    @Test("A report is read with what it says")
    func report() throws {
        var wire = WireReport()
        wire.step = 12
        wire.score = 0
        wire.checkpoint = "a"
        wire.effect = .declined
        wire.hyperparameters = [WireHyperparameter](Self.values.reversed(), space: .reversed)
        var expected = Report(member: 4, step: 12, score: 0, checkpoint: "a")
        expected.declined = true
        expected.hyperparameters = Self.values
        #expect(try Report(wire, member: 4, space: .vectors) == expected)
    }

    @Test(
        "A value takes the kind of its hyperparameter",
        arguments: [
            (Domain.number(0...1, .linear), Value.integer(7), Value.number(7)),
            (.integer(0...1, .linear), .number(7), .integer(7)),
            (.choice([.number(0.5), .text("auto")]), .integer(3), .number(3)),
            (.choice([.integer(1), .number(0.5)]), .integer(3), .integer(3)),
            (.ordinal([.integer(1), .integer(2)]), .number(2), .integer(2)),
            (.fixed(.number(1)), .integer(1), .number(1)),
        ])
    func kinds(domain: Domain, sent: Value, taken: Value) throws {
        let space = SearchSpace.make([Hyperparameter(name: "x", domain: domain)])
        #expect(try [WireHyperparameter]([sent], space: space).values(in: space) == [taken])
    }

    @Test(
        "A value of another kind is refused with a sentence that names the hyperparameter",
        arguments: [
            (Domain.number(0...1, .linear), Value.flag(true)),
            (.integer(0...1, .linear), .number(0.5)),
            (.choice([.text("a"), .text("b")]), .integer(1)),
            (.fixed(.text("a")), .flag(false)),
        ])
    func wrongKinds(domain: Domain, sent: Value) {
        let space = SearchSpace.make([Hyperparameter(name: "x", domain: domain)])
        let error = #expect(throws: WireError.self) {
            try [WireHyperparameter]([sent], space: space).values(in: space)
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("\"x\"") == true)
    }

    @Test("A list is taken in the form of the space, and what is no JSON is refused")
    func lists() throws {
        let values: [Value] = [.json("[3,3.0]"), .null]
        let space = SearchSpace.make([Hyperparameter(name: "x", domain: .choice(values))])
        func taken(_ json: String) throws(WireError) -> [Value] {
            var wire = [WireHyperparameter](values.prefix(1).map(\.self), space: space)
            wire[0].value.json = json
            return try wire.values(in: space)
        }
        #expect(try taken("[3, 3]") == [.json("[3,3.0]")])
        #expect(try taken(" null ") == [.null])
        #expect(try taken(#"[ "\u00e9\/", [] ]"#) == [.json(#"["é/",[]]"#)])
        for text in ["", "3", "[3", "[3,]", "[nan]", "{}", #"["\n"]"#, "[3] 4", "[+1]", "[1e999]"] {
            let error = #expect(throws: WireError.self, "\(text)") { try taken(text) }
            #expect(error?.code == .invalid)
        }
        let long = "[" + String(repeating: "1,", count: Limits.textBytes) + "1]"
        #expect(codeThrown { () throws(WireError) in _ = try taken(long) } == "LIMIT")
    }

    @Test("Hyperparameters whose texts are too long together are refused")
    func longTexts() {
        let names = (0..<20).map { "x\($0)" }
        let space = SearchSpace.make(
            names.map { Hyperparameter(name: $0, domain: .fixed(.text("a"))) })
        let longest = Value.text(String(repeating: "a", count: Limits.textBytes))
        let wire = [WireHyperparameter](names.map { _ in longest }, space: space)
        #expect(codeThrown { () throws(WireError) in _ = try wire.values(in: space) } == "LIMIT")
    }

    private static let conditional: SearchSpace = {
        let choice = Domain.choice([.text("sgd"), .text("adam")])
        let names: [(String, Domain)] = [
            ("optimizer", choice), ("rate", .number(0...1, .linear)),
            ("momentum", .number(0...1, .linear)),
        ]
        let isSGD = Condition(parent: 0, values: [.text("sgd")])
        do {
            return try SearchSpace(
                names.map { Hyperparameter(name: $0.0, domain: $0.1) },
                conditions: [[], [], [isSGD]])
        } catch {
            fatalError("A test's search space is wrong: \(error)")
        }
    }()

    @Test("What does not count is not sent, and stays as it was when it is not said")
    func inactive() throws {
        let space = Self.conditional
        let adam: [Value] = [.text("adam"), .number(0.5), .number(0.9)]
        let sgd: [Value] = [.text("sgd"), .number(0.25), .number(0.5)]
        let wire = [WireHyperparameter](adam, space: space)
        #expect(wire.map(\.name) == ["optimizer", "rate"])
        let kept: [Value] = [.text("sgd"), .number(0), .number(0.75)]
        #expect(
            try wire.values(in: space, kept: kept) == [.text("adam"), .number(0.5), .number(0.75)])
        let all = [WireHyperparameter](sgd, space: space)
        #expect(try all.values(in: space) == sgd)
        // A worker that does not know that it does not count may send it.
        var stale = all
        stale[0].value.text = "adam"
        #expect(
            try stale.values(in: space, kept: kept) == [.text("adam"), .number(0.25), .number(0.5)])
        let error = #expect(throws: WireError.self) {
            try Array(all.dropLast()).values(in: space, kept: kept)
        }
        #expect(
            error?.message
                == "The hyperparameter \"momentum\" counts with these values, and is missing; send it too."
        )
        #expect(throws: WireError.self) { try Array(all.dropFirst()).values(in: space, kept: kept) }
        // An event's exploit has an operation for each that is sent.
        let donor = CommittedState(
            member: 0, report: 1, step: 1, score: 0, hyperparameters: sgd, checkpoint: "a")
        let exploit = Exploit(
            donor: donor, explored: adam, operations: [.perturbed, .resampled, .kept])
        let event = Event(member: 1, kind: .declined(reason: "", fallback: .donor(exploit)))
        let sent = WireEvent(event, sequence: 1, time: 1, space: space).declined.exploit
        #expect(sent.operations == ["perturbed", "resampled"])
        #expect(sent.donorHyperparameters.count == 3 && sent.hyperparameters.count == 2)
        let bytes = WireDirective.bytes(
            exploit: exploit, space: space, assignment: .same(WireSame()), released: [])
        let read = try #require(WireDirective(bytes: bytes))
        #expect(read.exploit.hyperparameters == wire)
    }

    @Test("A request that cannot be read is answered under its id")
    func unreadableID() {
        #expect(idOfError([0x08, 0x96, 0x01]) == 150)
        #expect(idOfError([0x08] + repeatElement(0xff, count: 9) + [0x01, 0xff]) == .max)
        #expect(idOfError([0x08, 5] + repeatElement(0, count: Limits.messageBytes)) == 5)
        #expect(idOfError([0x08, 0x80]) == 0)
        #expect(idOfError([]) == 0)
        #expect(idOfError([0xff, 5]) == 0)
    }

    private func idOfError(_ frame: [UInt8]) -> UInt64? {
        do throws(UnreadableRequest) {
            _ = try WireRequest(message: frame)
            return nil
        } catch {
            return error.id
        }
    }

    @Test(
        "The newest common version is chosen",
        arguments: [(1, 1, 1), (0, 9, 1), (2, 9, nil), (0, 0, nil)] as [(UInt32, UInt32, UInt32?)])
    func version(min: UInt32, max: UInt32, common: UInt32?) {
        var hello = WireHello()
        hello.minVersion = min
        hello.maxVersion = max
        #expect(WireVersion.common(with: hello) == common)
    }

    @Test("A name is made of 1 to 64 letters, digits, dots, underscores and dashes")
    func names() {
        for name in ["a", "A.b_c-9", String(repeating: "x", count: 64)] {
            #expect(Limits.isName(name))
        }
        for name in ["", "a b", "é", "a/b", "a\n", String(repeating: "x", count: 65)] {
            #expect(!Limits.isName(name))
        }
    }
}

extension SearchSpace {
    static let reversed = make(vectors.hyperparameters.reversed())
}
