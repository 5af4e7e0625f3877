import HTTP
import Synchronization

/// How many requests were answered, by the status of the answer.
final class AnswerCount: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func count(_ status: HTTPStatus) { counts.withLock { $0[status.rawValue, default: 0] += 1 } }

    var all: [Int: Int] { counts.withLock { $0 } }
}
