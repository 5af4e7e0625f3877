import Messages
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

struct PopulationEndTests {
    @Test(arguments: [
        (2, 0, Population.Status.active, true), (1, 1, .active, false), (0, 0, .active, false),
        (0, 1, .ended, false), (0, 0, .ended, true), (0, 0, .paused, false),
    ])
    func `A population is over when nothing is trained any more`(
        finished: Int, training: Int, status: Population.Status, isOver: Bool
    ) {
        var board = Leaderboard(WireLeaderboard(), epoch: 1, committed: 1)
        board.summary.members = 2
        board.summary.finished = finished
        board.summary.training = training
        board.summary.status = status
        #expect(board.isOver == isOver)
    }
}
