import Testing

@testable import Evolution

struct LeaderboardTests {
    private func board(_ scores: [Double], _ objective: Objective = .maximize) throws -> Population
    {
        var population = try population(
            scores.count + 1, specification { ($0.fraction, $0.objective) = (0, objective) })
        for (member, score) in scores.enumerated() {
            population.report(member, step: member + 1, score: score)
        }
        return population
    }

    @Test("The best come first, and who has committed nothing does not come")
    func order() throws {
        let scores: [Double] = [3, 5, .nan, 1, 4]
        #expect(try board(scores).order == [1, 4, 0, 3, 2])
        #expect(try board(scores, .minimize).order == [3, 0, 4, 1, 2])
        #expect(try board(scores).best?.member == 1)
        #expect(try board(scores, .minimize).best?.member == 3)
    }

    @Test("A page holds what was asked for, as far as there is any")
    func pages() throws {
        let population = try board([3, 5, 2, 1, 4])
        let page = population.leaderboard(offset: 1, limit: 2)
        #expect(page.map(\.rank) == [2, 3])
        #expect(page.map(\.member.id) == [4, 0])
        #expect(population.leaderboard(offset: 4, limit: 9).map(\.rank) == [5])
        #expect(population.leaderboard(offset: 5, limit: 9).isEmpty)
        #expect(population.leaderboard(offset: .max, limit: .max).isEmpty)
        #expect(population.leaderboard(offset: -1, limit: -1).isEmpty)
    }

    @Test("The summary counts, and has the quantiles of the finite scores")
    func summary() throws {
        let summary = try board([3, 5, .nan, 1, 4, -.infinity, 2]).summary
        #expect(summary.tally.members == 8)
        #expect(summary.ranked == 7)
        #expect(summary.reports == 7)
        #expect(summary.exploits == 0)
        #expect(summary.tally.steps == 28)
        #expect(summary.quantiles == [1, 2, 3, 4, 5])
        #expect(try board([3, 5, 1, 4, 2], .minimize).summary.quantiles == [5, 4, 3, 2, 1])
        #expect(try board([1, 2]).summary.quantiles == [1, 1.25, 1.5, 1.75, 2])
        #expect(try board([7]).summary.quantiles == [7, 7, 7, 7, 7])
        #expect(try board([]).summary.quantiles == [])
        let huge = Double.greatestFiniteMagnitude
        #expect(try board([huge, -huge]).summary.quantiles[2] == 0)
    }
}
