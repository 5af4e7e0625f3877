import Dispatch
import Foundation
import Synchronization

/// Waits for SIGTERM for the connections of this process whose leases are given back on it, and
/// has the process end then as it would have.
final class Termination: Sendable {
    static let shared = Termination()

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// There from the first connection on.
        var signals: Signals?
        var wasTold = false
    }

    private let state = Mutex(State())

    func add(_ connection: Connection) {
        let isFirst = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            return state.signals == nil && !state.wasTold
        }
        guard isFirst else { return }
        // Made outside of the lock, which the handler takes.
        let signals = Signals([SIGTERM]) { _ in self.told() }
        state.withLock { if $0.signals == nil, !$0.wasTold { $0.signals = signals } }
    }

    func remove(_ connection: Connection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
    }

    private func told() {
        let connections = state.withLock { state -> [Connection]? in
            defer { state.wasTold = true }
            return state.wasTold ? nil : Array(state.connections.values)
        }
        // Whoever insists does not want to wait.
        guard let connections else { return endProcess() }
        let left = DispatchGroup()
        for connection in connections {
            left.enter()
            connection.takeLeave(within: connection.timing.farewell) { left.leave() }
        }
        left.notify(queue: DispatchQueue(label: "murmur termination")) { self.endProcess() }
    }

    /// Has the signal do what it did before.
    private func endProcess() {
        // Its end brings the earlier action back.
        state.withLock { $0.signals = nil }
        // Threads of dispatch queues block it. One that is for this very thread cannot be taken by
        // the source, which may take some time to end.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(SIGTERM)
    }
}
