import Evolution
import Messages
import Testing

@testable import Coordinator

/// Reports of members of which some hyperparameters do not count.
struct ConditionalReportTests {
    private static let space = """
        hyperparameters:
          optimizer: {type: choice, values: [sgd, adam]}
          momentum: {type: float, min: 0, max: 1, when: {optimizer: sgd}}
          beta: {type: float, min: 0, max: 1, when: {optimizer: adam}}
        points_to_evaluate:
          - {optimizer: sgd, momentum: 0.9, beta: 0.5}
        """

    private func desk() throws -> (Desk, WireLease) {
        var desk = try Desk()
        var creation = WireCreatePopulation()
        creation.key = desk.key()
        creation.name = "p"
        creation.space = Self.space
        creation.populationSize = 1
        creation.interval = 10
        guard case .population(let made) = try desk.ask(.createPopulation(creation)) else {
            throw DeskError.unexpected("the population was not made")
        }
        #expect(made.space.map(\.when.count) == [0, 1, 1])
        #expect(made.space[1].when[0].name == "optimizer")
        #expect(made.space[1].when[0].values.map(\.text) == ["sgd"])
        let lease = try desk.lease()
        return (desk, lease)
    }

    private func report(
        _ desk: inout Desk, _ lease: WireLease, step: Int, _ values: KeyValuePairs<String, Value>
    ) -> WireReport {
        var report = desk.nextReport(lease.token, step: step, score: 1)
        report.hyperparameters = values.map { name, value in
            var wire = WireHyperparameter()
            wire.name = name
            wire.value = WireValue(value)
            return wire
        }
        return report
    }

    @Test func `A lease has those that count, and names those that may`() throws {
        let (_, lease) = try desk()
        #expect(lease.hyperparameters.map(\.name) == ["optimizer", "momentum"])
        #expect(lease.conditional == ["momentum", "beta"])
    }

    @Test func `What does not count is kept over reports, restarts and the journal`() throws {
        var (desk, lease) = try desk()
        let start: [Value] = [.text("sgd"), .number(0.9), .number(0.5)]
        #expect(desk.members[0].hyperparameters == start)
        let first = report(
            &desk, lease, step: 10, ["optimizer": .text("sgd"), "momentum": .number(0.8)])
        _ = try desk.directive(.report(first))
        let kept: [Value] = [.text("sgd"), .number(0.8), .number(0.5)]
        #expect(desk.members[0].hyperparameters == kept)
        try desk.restart()
        #expect(desk.members[0].hyperparameters == kept)
        #expect(try desk.replayed() == desk.members)
        // With the other optimizer the other one has to be said.
        let partial = report(&desk, lease, step: 20, ["optimizer": .text("adam")])
        let refusal = try desk.refusal(.report(partial))
        #expect(refusal?.code == .invalid)
        #expect(refusal?.message.contains("\"beta\" counts with these values") == true)
        var whole = report(
            &desk, lease, step: 20, ["optimizer": .text("adam"), "beta": .number(0.25)])
        whole.sequence = partial.sequence
        _ = try desk.directive(.report(whole))
        #expect(
            desk.members[0].hyperparameters == [.text("adam"), .number(0.8), .number(0.25)])
    }
}
