import Evolution
import Messages
import Testing

/// How much travels: many workers report often, so that the usual messages are small.
struct SizeTests {
    @Test("A report with a checkpoint of 40 bytes takes at most 80 bytes")
    func report() {
        var request = WireRequest()
        request.id = 100_000
        request.report.lease = .max
        request.report.sequence = 10_000
        request.report.step = 1_000_000
        request.report.score = 0.937_512
        request.report.checkpoint = String(repeating: "c", count: 40)
        #expect(request.bytes.count <= 80)
    }

    @Test("To go on takes at most 32 bytes")
    func goOn() {
        var reply = WireReply()
        reply.id = 100_000
        reply.epoch = 100
        reply.committed = 10_000_000
        reply.directive.continue = WireContinue()
        reply.directive.same.targetStep = 1_000_000
        #expect(reply.bytes.count <= 32)
    }

    @Test("A board of 50 members with eight numbers and addresses of 40 bytes takes at most 13 KiB")
    func usualBoard() {
        let names = [
            "learning_rate", "momentum", "dropout", "weight_decay", "beta1", "beta2", "clip",
            "temperature",
        ]
        let space = SearchSpace.make(
            names.map { Hyperparameter(name: $0, domain: .number(0.001...1, .linear)) })
        var population = Population(Specification(space: space))
        for member in 0..<64 {
            population.apply(population.creation())
            _ = population.report(
                Report(
                    member: member, step: 1_000_000 + member, score: 0.1 * Double(member),
                    checkpoint: String(repeating: "c", count: 40)))
        }
        var broadcast = WireBroadcast()
        (broadcast.epoch, broadcast.counter, broadcast.committed) = (100, 1_000_000, 10_000_000)
        let board = WireLeaderboard(name: "p", population: population, limit: 50) { _ in .training }
        broadcast.leaderboard = board
        #expect(board.entries.count == 50)
        #expect(broadcast.bytes.count <= 13 * 1024)
    }

    /// As large as a member can be: its hyperparameters fill the limit.
    static let largest: (space: SearchSpace, values: [Value]) = {
        let perHyperparameter = Limits.assignmentBytes / Limits.hyperparameters
        let probe = Hyperparameter(name: "", domain: .fixed(.number(0)))
        let nameLength = perHyperparameter - probe.wireSize(with: .number(0))
        let hyperparameters = (0..<Limits.hyperparameters).map { number in
            let digits = String(number)
            let name = digits + String(repeating: "n", count: nameLength - digits.count)
            return Hyperparameter(name: name, domain: .number(0...1, .linear))
        }
        return (SearchSpace.make(hyperparameters), hyperparameters.map { _ in .number(0.1) })
    }()

    static let longestCheckpoint = String(repeating: "c", count: Limits.checkpointBytes)

    @Test("The largest hyperparameters take no more than their limit")
    func assignment() {
        var lease = WireLease()
        lease.hyperparameters = [WireHyperparameter](Self.largest.values, space: Self.largest.space)
        #expect(lease.bytes.count <= Limits.assignmentBytes)
        #expect(lease.bytes.count > Limits.assignmentBytes / 2)
    }

    @Test("The largest event fits into one message")
    func event() throws {
        let (space, values) = Self.largest
        var reported = Reported(
            report: .max, step: .max, score: 0.1, checkpoint: Self.longestCheckpoint,
            hyperparameters: values)
        var wire = WireReport()
        wire.score = 0.1
        wire.metrics = (0..<Limits.metrics).map { number in
            let digits = String(number)
            return .with {
                $0.name = digits + String(repeating: "m", count: 60 - digits.count)
                $0.value = 0.1
            }
        }
        reported.metrics = try Report(wire, member: 0, space: space).metrics
        #expect(reported.metrics.count > 200)
        let donor = CommittedState(
            member: .max, report: .max, step: .max, score: 0.1, hyperparameters: values,
            checkpoint: Self.longestCheckpoint)
        reported.exploit = Exploit(
            donor: donor, explored: values, operations: values.map { _ in .perturbed })
        let event = WireEvent(
            Event(member: .max, kind: .reported(reported)), sequence: .max, time: .max, space: space
        )
        #expect(event.sizeAsItem <= Limits.pageBytes)
        guard let exploit = reported.exploit else { return }
        let exploited = Exploited(
            generation: .max, report: .max, step: .max, score: 0.1,
            standing: Standing(rank: .max, ranked: .max), exploit: exploit)
        let other = WireEvent(
            Event(member: .max, kind: .exploited(exploited)), sequence: .max, time: .max,
            space: space)
        #expect(other.sizeAsItem <= Limits.pageBytes)
    }

    @Test("As many metrics as there may be fit beside a common space")
    func metrics() throws {
        let space = SearchSpace.make([
            Hyperparameter(name: "choice", domain: .choice([.text("a"), .text("b")])),
            Hyperparameter(name: "rate", domain: .number(0.1...1, .log)),
        ])
        var wire = WireReport()
        wire.score = 0.1
        wire.metrics = (0..<Limits.metrics).map { number in
            .with { $0.name = "val/mAP50-95(B) of \(number)" }
        }
        #expect(wire.bytes.count < Limits.messageBytes)
        #expect(try Report(wire, member: 0, space: space).metrics.count == Limits.metrics)
    }

    @Test("A page takes its first item, and then only what fits")
    func page() {
        var item = WireStop()
        item.reason = String(repeating: "r", count: Limits.pageBytes / 3)
        var page = Page()
        let taken = (0..<3).map { _ in page.take(item) }
        #expect(taken == [true, true, false])
        #expect(page.used <= Limits.pageBytes)
        item.reason = String(repeating: "r", count: Limits.pageBytes * 2)
        var other = Page(used: 100)
        let alone = other.take(item)
        let next = other.take(WireStop())
        #expect(alone && !next)
    }

    @Test(
        "A population tells its space's values while they fit into a message", arguments: [2, 900])
    func population(values: Int) {
        let texts = (0..<values).map { number in
            Value.text(String(number) + String(repeating: "t", count: 60))
        }
        let space = SearchSpace.make([
            Hyperparameter(name: "choice", domain: .choice(texts)),
            Hyperparameter(name: "rate", domain: .number(0.1...1, .log)),
        ])
        let wire = WirePopulation(
            name: "p", population: Population(Specification(space: space)), training: 0)
        #expect(wire.space.map(\.name) == ["choice", "rate"])
        #expect(wire.space.map(\.kind) == [.choice, .number])
        #expect((wire.space[1].min, wire.space[1].max, wire.space[1].log) == (0.1, 1, true))
        #expect(wire.space[0].values.count == (values == 2 ? 2 : 0))
        #expect(wire.sizeAsItem <= Limits.pageBytes)
    }

    @Test("A board of large members holds as many as fit")
    func board() {
        var specification = Specification(space: Self.largest.space)
        specification.populationSize = 20
        var population = Population(specification)
        for member in 0..<20 {
            population.apply(population.creation())
            _ = population.report(
                Report(member: member, step: 1, score: 1, checkpoint: Self.longestCheckpoint))
        }
        let board = WireLeaderboard(name: "p", population: population) { _ in .waiting }
        var reply = WireReply()
        (reply.id, reply.epoch, reply.committed) = (.max, .max, .max)
        reply.leaderboard = board
        #expect(reply.bytes.count <= Limits.messageBytes)
        #expect(board.entries.count >= 3)
        #expect(board.summary.ranked == 20)
    }
}
