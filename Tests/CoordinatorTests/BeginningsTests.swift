import Evolution
import Testing

@testable import Coordinator

struct BeginningsTests {
    private func report(
        _ number: Int, checkpoint: Bool = true, declined: Bool = false, copying donor: Int? = nil
    ) -> Event.Kind {
        var reported = Reported(
            report: number, step: number, score: 1, checkpoint: checkpoint ? "c" : nil,
            hyperparameters: [])
        reported.declined = declined
        reported.exploit = donor.map(exploit)
        return .reported(reported)
    }

    private func exploit(_ donor: Int) -> Exploit {
        Exploit(donor: state(of: donor), explored: [], operations: [])
    }

    private func state(of member: Int, report: Int = 1) -> CommittedState {
        CommittedState(
            member: member, report: report, step: report, score: 1, hyperparameters: [],
            checkpoint: "c")
    }

    /// Three members, each with a state of its own.
    private var three: Beginnings.OfPopulation {
        var beginnings = Beginnings.OfPopulation([])
        for member in 0..<3 { beginnings.follow(member, report(1)) }
        return beginnings
    }

    @Test func `A member's first state is a beginning, and those that follow are not`() {
        var beginnings = Beginnings.OfPopulation([])
        beginnings.follow(0, .created(hyperparameters: []))
        beginnings.follow(1, report(1, checkpoint: false))
        #expect(beginnings.alive == 0)
        beginnings.follow(0, report(1))
        beginnings.follow(0, report(2))
        #expect(beginnings.alive == 1)
        #expect(three.alive == 3)
    }

    @Test func `Who copies descends from its donor's beginning`() {
        var beginnings = three
        beginnings.follow(2, report(2, copying: 0))
        #expect(beginnings.alive == 2)
        beginnings.follow(2, report(3))
        beginnings.follow(0, report(2, copying: 1))
        #expect(beginnings.alive == 2, "the first beginning lives on in the third member")
        beginnings.follow(2, report(4, copying: 1))
        #expect(beginnings.alive == 1)
    }

    @Test func `Whoever goes back descends from what it had before`() {
        let ways: [Event.Kind] = [
            .declined(reason: "", fallback: .previous), report(3, declined: true),
        ]
        for kind in ways {
            var beginnings = three
            beginnings.follow(2, report(2, copying: 0))
            beginnings.follow(2, kind)
            #expect(beginnings.alive == 3, "\(kind)")
        }
    }

    @Test func `What is lost or removed is no beginning any more`() {
        var beginnings = three
        beginnings.follow(0, .declined(reason: "", fallback: .donor(exploit(1))))
        #expect(beginnings.alive == 2)
        beginnings.follow(2, .declined(reason: "", fallback: .start))
        #expect(beginnings.alive == 1)
        beginnings.follow(2, report(2))
        #expect(beginnings.alive == 2)
        beginnings.follow(2, .removed)
        #expect(beginnings.alive == 1)
    }

    @Test func `Members that share a state when it begins have one beginning`() {
        let members = (0..<4).map { id in
            var member = Member(id: id, hyperparameters: [])
            member.latest = id == 3 ? nil : state(of: id == 2 ? 1 : id)
            if id == 2 { member.previous = state(of: 2) }
            return member
        }
        var beginnings = Beginnings.OfPopulation(members)
        #expect(beginnings.alive == 2)
        beginnings.follow(2, .declined(reason: "", fallback: .previous))
        #expect(beginnings.alive == 3)
    }
}
