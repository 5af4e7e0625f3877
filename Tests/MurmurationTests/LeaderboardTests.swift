import Messages
import Testing

@testable import Murmuration

struct LeaderboardTests {
    static var wire: WireLeaderboard {
        var entry = WireEntry()
        entry.rank = 1
        entry.member = 4
        entry.step = 20
        entry.score = 0.75
        entry.checkpoint = "/runs/4.pt"
        entry.hyperparameters = WireReply.OneOf_Body.sample
        entry.state = .training
        entry.donor = 2
        var failed = WireEntry()
        failed.rank = 2
        failed.member = 0
        failed.score = .nan
        failed.state = .finished
        failed.inherited = true
        var wire = WireLeaderboard()
        wire.population = "digits"
        wire.entries = [entry, failed]
        wire.summary.members = 16
        wire.summary.ranked = 2
        wire.summary.quantiles = [0.75, 0.75, 0.75, 0.75, 0.75]
        wire.summary.maxSteps = 30
        return wire
    }

    @Test func `A board's JSON has stable keys in a stable order`() {
        let board = Leaderboard(Self.wire, epoch: 3, committed: 42)
        #expect(
            board.json == #"{"committed":42,"entries":[{"checkpoint":"/runs/4.pt","donor":2,"#
                + #""hyperparameters":{"lr":0.1,"units":32},"inherited":false,"member":4,"#
                + #""rank":1,"score":0.75,"state":"training","step":20},{"checkpoint":"","#
                + #""hyperparameters":{},"inherited":true,"member":0,"rank":2,"score":"nan","#
                + #""state":"finished","step":0}],"epoch":3,"minimize":false,"offset":0,"#
                + #""population":"digits","summary":{"exploits":0,"finished":0,"generation":0,"#
                + #""generation_reported":0,"grows":false,"#
                + #""insecure":false,"lost":0,"max_steps":30,"members":16,"#
                + #""quantiles":[0.75,0.75,0.75,0.75,0.75],"ranked":2,"reports":0,"#
                + #""status":"active","synchronous":false,"total_steps":0,"training":0}}"#)
    }

    @Test func `A board is read back from its JSON`() throws {
        var wire = Self.wire
        // NaN is not equal to itself.
        wire.entries[1].score = -.infinity
        let board = Leaderboard(wire, epoch: 3, committed: 42)
        #expect(try Leaderboard(json: board.json) == board)
    }

    @Test func `Lists and null travel as JSON, and are written so`() throws {
        let list: HyperparameterValue = [3, 0.5, ["a", true], .null]
        let hyperparameters: Hyperparameters = ["sizes": list, "clip": .null]
        #expect(hyperparameters.wire.map(\.value.json) == [#"[3,0.5,["a",true],null]"#, "null"])
        #expect(Hyperparameters(hyperparameters.wire) == hyperparameters)
        #expect(hyperparameters["sizes"]?.list?.first == 3)
        #expect(hyperparameters.description == #"sizes=[3,0.5,["a",true],null] clip=null"#)
        #expect(
            JSONLine.text(hyperparameters) == #"{"clip":null,"sizes":[3,0.5,["a",true],null]}"#)
        var damaged = WireValue()
        damaged.json = "[3"
        #expect(HyperparameterValue(damaged) == nil)
    }

    @Test func `A group has its own names`() throws {
        let hyperparameters: Hyperparameters = [
            "optimizer.lr": 0.1, "optimizer.adam.eps": 1e-8, "optimizers": 2, "width": 3,
        ]
        let group = hyperparameters.group("optimizer")
        #expect(group.names == ["lr", "adam.eps"])
        #expect(try group.number("lr") == 0.1)
        #expect(group.group("adam") == ["eps": 1e-8])
        #expect(hyperparameters.group("width").isEmpty)
    }

    @Test func `Hyperparameters keep their order and convert only where nothing is lost`() throws {
        let hyperparameters: Hyperparameters = ["z": 0.5, "a": 3, "n": "relu", "f": true]
        #expect(hyperparameters.names == ["z", "a", "n", "f"])
        #expect(try hyperparameters.number("a") == 3)
        #expect(try hyperparameters.text("n") == "relu")
        #expect(try hyperparameters.flag("f"))
        #expect(throws: MurmurationError.noHyperparameter(name: "z", type: "an integer")) {
            try hyperparameters.integer("z")
        }
        #expect(throws: MurmurationError.noHyperparameter(name: "q", type: "a number")) {
            try hyperparameters.number("q")
        }
        #expect(Hyperparameters(hyperparameters.wire).names == hyperparameters.names)
        #expect(hyperparameters == ["a": 3, "f": true, "n": "relu", "z": 0.5])
    }
}

struct AssignmentTests {
    @Test func `Declining with a report gives the member its own hyperparameters back`() {
        var assignment = Assignment(lease())
        let first = report(assignment, step: 10)
        assignment.accept(
            first, targetStep: 40,
            exploit: WireReply.OneOf_Body.exploit(WireReply.OneOf_Body.hyperparameters(0.5, 64)))
        #expect(assignment.hyperparameters["lr"] == 0.5)
        #expect(assignment.owesEffect)

        let second = report(assignment, step: 20, declined: true)
        #expect(second.effect == .declined)
        #expect(second.sequence == 2)
        #expect(Hyperparameters(second.hyperparameters)["lr"] == 0.1)
        assignment.accept(second, targetStep: 30, exploit: nil)
        #expect(assignment.hyperparameters["lr"] == 0.1)
        #expect(assignment.step == 20)
        #expect(!assignment.owesEffect)
    }

    @Test func `Declining what a lease inherited says which hyperparameters are in effect`() {
        var inherited = lease()
        inherited.inherited = true
        let assignment = Assignment(inherited)
        let report = report(assignment, step: 10, declined: true)
        #expect(report.effect == .declined)
        #expect(report.hyperparameters.count == 2)
    }

    @Test func `Making a report anew gives the same sequence until one is answered`() {
        var assignment = Assignment(lease(sequence: 7))
        let first = report(assignment, step: 10)
        #expect(first.sequence == 8)
        #expect(report(assignment, step: 10) == first)
        assignment.accept(first, targetStep: 20, exploit: nil)
        #expect(report(assignment, step: 20).sequence == 9)
    }

    private func lease(sequence: UInt64 = 0) -> WireLease {
        var lease = WireLease()
        lease.token = 1
        lease.sequence = sequence
        lease.hyperparameters = WireReply.OneOf_Body.sample
        return lease
    }

    private func report(
        _ assignment: Assignment, step: Int, declined: Bool = false
    ) -> WireReport {
        assignment.report(
            step: step, score: 1, checkpoint: nil, changes: [:], declined: declined)
    }
}
