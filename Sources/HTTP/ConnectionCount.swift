import Synchronization

/// How many connections there are.
final class ConnectionCount: Sendable {
    private let count = Mutex(0)
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    /// - Returns: whether there was room for one more.
    func take() -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            return true
        }
    }

    func giveBack() {
        count.withLock { $0 -= 1 }
    }
}
