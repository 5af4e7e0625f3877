import Foundation
import Messages

/// Makes the population that is reported for.
struct Administration {
    private let line: Line

    init(_ place: Place) throws { line = try Line(place, source: nil) }

    func create(_ name: String, members: Int) throws {
        var creation = WireCreatePopulation()
        creation.key = newKey()
        creation.name = name
        creation.space = Self.space
        creation.source = "space.yaml"
        creation.populationSize = UInt64(members)
        creation.seed = 1
        try line.send(.createPopulation(creation))
        let reply = try line.awaitReply(seconds: 300)
        guard case .population = reply.body else {
            throw LoadError("The population was not made: \(reply.complaint)")
        }
    }

    /// Makes room for one more worker, as soon as there is the population.
    func addMember(to name: String, within seconds: Double) throws {
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        var one = WireAddMembers()
        one.members = 1
        while true {
            let reply = try change(name, .addMembers(one))
            switch reply.body {
            case .population: return
            case .error(let error)
            where error.code == .noPopulation && monotonicNanoseconds() < end:
                usleep(20_000)
            default: throw LoadError("'\(name)' got no further member: \(reply.complaint)")
            }
        }
    }

    func remove(_ member: UInt64, of name: String) throws {
        var removal = WireRemoveMember()
        removal.member = member
        let reply = try change(name, .removeMember(removal))
        guard case .population = reply.body else {
            throw LoadError("'\(name)' did not lose its member again: \(reply.complaint)")
        }
    }

    private func change(
        _ name: String, _ what: WireChangePopulation.OneOf_Change
    ) throws -> WireReply {
        var change = WireChangePopulation()
        change.key = newKey()
        change.population = name
        change.change = what
        try line.send(.changePopulation(change))
        return try line.awaitReply(seconds: 60)
    }

    /// Eight numbers, as the design counts a member's memory.
    static let space = """
        hyperparameters:
          learning_rate: {type: float, min: 0.00001, max: 0.1, scale: log}
          momentum: {type: float, min: 0.5, max: 0.999}
          dropout: {type: float, min: 0.0, max: 0.5}
          weight_decay: {type: float, min: 0.000001, max: 0.01, scale: log}
          beta1: {type: float, min: 0.8, max: 0.99}
          beta2: {type: float, min: 0.9, max: 0.9999}
          clip: {type: float, min: 0.1, max: 10.0, scale: log}
          temperature: {type: float, min: 0.5, max: 2.0}

        """
}
