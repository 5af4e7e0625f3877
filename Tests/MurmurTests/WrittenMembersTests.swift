import Messages
import Testing

@testable import Murmuration
@testable import murmur

/// Which members of a large population are written for TensorBoard.
struct WrittenMembersTests {
    /// The members that have a run after what happened.
    private func written(_ members: inout WrittenMembers, _ past: PastEvents) -> Set<Int> {
        var written: Set<Int> = []
        for event in past.events where members.has(event) {
            if let member = event.member { written.insert(member) }
        }
        return written
    }

    @Test(arguments: [nil, 3, 4]) func `Up to the bound all are written`(most: Int?) {
        var members = WrittenMembers(most: most, of: 3)
        #expect(written(&members, PastEvents(members: 3)) == [0, 1, 2])
        #expect(members.limit == nil)
    }

    @Test func `Beyond it the best are, and it is said`() throws {
        var members = WrittenMembers(most: 2, of: 5, best: [3, 1])
        #expect(
            members.limit == "Of 5 members, only the 2 best are written; --members all writes all.")
        var past = PastEvents(members: 5)
        for member in 0..<5 { past.report(member, step: 10, score: 1) }
        past.add(.paused)
        #expect(written(&members, past) == [1, 3])
        #expect(members.has(try #require(past.events.last)))
    }

    @Test func `Before anybody has a score, those that report first are written`() {
        var members = WrittenMembers(most: 2, of: 5)
        var past = PastEvents(members: 5)
        for member in [4, 2, 0, 4] { past.report(member, step: 10, score: 1) }
        #expect(written(&members, past) == [4, 2])
    }

    @Test func `Members that come while it is followed are written as long as there is room`() {
        var members = WrittenMembers(most: 2, of: 1)
        #expect(written(&members, PastEvents(members: 1)) == [0])
        #expect(members.limit == nil)
        #expect(written(&members, PastEvents(members: 4)) == [0, 1])
        #expect(
            members.limit == "Of 4 members, only the 2 first are written; --members all writes all."
        )
    }

    @Test func `The best are asked for, as many as are written and no more`() async throws {
        let ranking = Array((0..<3_000).reversed())
        var limits: [Int] = []
        let questions = Questions { body in
            guard case .getLeaderboard(let question) = body else {
                throw MurmurationError.unexpectedAnswer
            }
            limits.append(Int(question.limit))
            // A page may hold less than was asked for.
            let page = ranking.dropFirst(Int(question.offset)).prefix(min(Int(question.limit), 400))
            return .with {
                $0.leaderboard.entries = page.map { member in
                    .with { $0.member = UInt64(member) }
                }
            }
        }
        var population = WirePopulation()
        population.members = 3_000
        var members = try await questions.writtenMembers(of: Population(population), most: 1_000)
        #expect(limits == [500, 500, 200])
        #expect(written(&members, PastEvents(members: 3_000)) == Set(2_000..<3_000))
    }

    @Test func `How many are written is a number from 1, or all`() throws {
        for good in ["1", "25", "all"] {
            _ = try TensorBoardCommand.parse(["digits", "--logdir", "tb", "--members", good])
        }
        for bad in ["0", "-3", "some", "1.5"] {
            let error = #expect(throws: (any Error).self) {
                try TensorBoardCommand.parse(["digits", "--logdir", "tb", "--members=\(bad)"])
            }
            let message = error.map(TensorBoardCommand.message(for:)) ?? ""
            #expect(message.contains("use 1 or more, or all"), "\(message)")
        }
        #expect(TensorBoardCommand.helpMessage(columns: 200).contains("--members <n|all>"))
    }
}
