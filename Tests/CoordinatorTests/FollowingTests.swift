import Evolution
import Messages
import Testing

@testable import Coordinator

/// Members that follow a schedule, as their workers are told.
struct FollowingTests {
    private static let space = """
        hyperparameters: {rate: {type: float, min: 0, max: 1}}
        interval: 4
        schedule:
          - {end: 5, hyperparameters: {rate: 0.1}}
          - {end: 12, hyperparameters: {rate: 0.2}}
        """

    private func follow(keeps: Bool, restarts: Bool = false) throws -> [String] {
        var desk = try Desk()
        var creation = WireCreatePopulation()
        creation.key = desk.key()
        creation.name = "p"
        creation.space = Self.space
        guard case .population(let made) = try desk.ask(.createPopulation(creation)) else {
            throw DeskError.unexpected("the population was not made")
        }
        #expect(made.members == 1)
        #expect(made.obstacle.contains("follows a schedule"))
        var lease = try desk.join(keeps: keeps).lease
        var told = [Self.text(lease)]
        while true {
            let directive = try desk.report(
                lease.token, step: Int(lease.targetStep), score: Double(lease.targetStep))
            guard case .continue = directive.outcome else {
                throw DeskError.unexpected("nobody copies")
            }
            switch directive.assignment {
            case .same(let same):
                lease.targetStep = same.targetStep
                told.append("\(same.targetStep)")
            case .lease(let other):
                #expect(other.checkpoint == "/c/\(lease.token)/\(lease.targetStep)")
                lease = other
                told.append(Self.text(lease))
            case .stop:
                #expect(try desk.replayed() == desk.members)
                return told
            default: throw DeskError.unexpected("\(directive)")
            }
            guard restarts else { continue }
            try desk.restart()
            var join = WireJoin()
            join.key = desk.key()
            join.lease = lease.token
            let again = try desk.directive(.join(join)).lease
            #expect(Self.text(again).hasSuffix(told.last?.split(separator: " ").last ?? ""))
            #expect(again.hyperparameters == lease.hyperparameters)
        }
    }

    private static func text(_ lease: WireLease) -> String {
        let rate = lease.hyperparameters.first?.value.number ?? .nan
        return "member \(lease.member) at \(lease.step) with \(rate) to \(lease.targetStep)"
    }

    @Test func `A worker of the population that is replayed may bring its search space`() throws {
        var desk = try Desk()
        var creation = WireCreatePopulation()
        creation.key = desk.key()
        creation.name = "p"
        creation.space = Self.space
        _ = try desk.ask(.createPopulation(creation))
        func join(_ space: String) -> WireJoin {
            var join = WireJoin()
            join.key = desk.key()
            join.population = "p"
            join.space = space
            return join
        }
        let other = join("name,min,max,scale\nspeed,0,5,linear\n")
        #expect(try desk.refusal(.join(other))?.code == .spaceMismatch)
        let own = join("name,min,max,scale\nrate,0,5,linear\n")
        #expect(try desk.directive(.join(own)).lease.member == 0)
    }

    @Test(arguments: [true, false], [true, false])
    func `A worker is given its member again where the schedule goes on`(
        keeps: Bool, restarts: Bool
    ) throws {
        #expect(
            try follow(keeps: keeps, restarts: restarts) == [
                "member 0 at 0 with 0.1 to 4", "5", "member 0 at 5 with 0.2 to 8", "12",
            ])
    }
}
