import Messages
import Synchronization

/// What a connection does when its process is told to end.
struct Farewell: Sendable {
    /// The coordinator may be away.
    let deadline: ContinuousClock.Instant
    let said: @Sendable () -> Void
}

// Giving leases back in a hurry. All of it happens on the connection's own thread, in its turns:
// training may keep every thread busy that runs tasks, and does not end by itself.
extension Connection {
    /// From any thread: gives every lease back, also one that is on its way, and calls `said` when
    /// the coordinator has answered, or the time is over. Nothing can be asked any more.
    nonisolated func takeLeave(within patience: Duration, said: @escaping @Sendable () -> Void) {
        let farewell = Farewell(deadline: .now + patience, said: said)
        let isOpen = self.farewell.withLock { state in
            guard !state.isOver else { return false }
            state.farewell = farewell
            return true
        }
        if !isOpen { said() }
    }

    /// A part of each turn.
    func takeLeave() {
        guard let farewell = farewell.withLock({ $0.farewell }) else { return }
        isLeaving = true
        if clock.now < farewell.deadline {
            // The caller gave it up, and the coordinator may have granted a lease for it.
            if let body = abandoned.take() { start(body, answer: { _ in }) }
            // The lease that comes is the one to give back.
            guard !requests.values.contains(where: \.body.mayGrant) else { return }
            let leases = driver.machine.leases
            for lease in leases where !leaving.contains(lease) { leave(lease) }
            guard driver.machine.leases.isEmpty else { return }
        }
        endFarewell()
    }

    private func leave(_ lease: UInt64) {
        leaving.insert(lease)
        var leave = WireLeave()
        leave.key = Limits.newKey()
        leave.lease = lease
        start(.leave(leave)) { [weak self] _ in
            // A refusal says that the lease is gone already. Answers come on this thread.
            self?.assumeIsolated { $0.driver.machine.forget(lease) }
        }
    }

    /// Whoever asks is told that the worker has left, once it has.
    func turnAway(_ answer: @escaping @Sendable (Result<WireReply, any Error>) -> Void) {
        if farewell.withLock(\.isOver) {
            answer(.failure(MurmurationError.left))
        } else {
            turnedAway.append(answer)
        }
    }

    /// Answers those who asked meanwhile, and tells the one who waits for the farewell.
    func endFarewell() {
        let farewell = farewell.withLock { state in
            state.isOver = true
            return state.farewell.take()
        }
        for answer in turnedAway { answer(.failure(MurmurationError.left)) }
        turnedAway = []
        farewell?.said()
    }
}
