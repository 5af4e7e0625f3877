import Synchronization

/// Tells many that something is new. Who is slow is told once, however often it was.
final class Changes: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// Ends when the one who waits does.
    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.waiting.removeValue(forKey: id) }
        }
        return stream
    }

    func tell() {
        for continuation in state.withLock({ Array($0.waiting.values) }) { continuation.yield() }
    }
}
