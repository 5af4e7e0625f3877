import CZeroMQ
import Foundation
import Synchronization

/// A thread that owns sockets, and the executor of the actor whose they are.
///
/// An actor names it as its `unownedExecutor`, makes its sockets on it, and lets it ``watch(_:)``
/// them. Round after round the thread waits for the watched sockets, runs what the actor was asked
/// to do, and calls the turn, in which the actor drains its sockets. So the compiler checks that no
/// socket is touched by another thread, and no cooperative thread ever blocks in a poll.
///
///     actor Echo {
///         let thread: SocketThread
///         nonisolated var unownedExecutor: UnownedSerialExecutor {
///             thread.asUnownedSerialExecutor()
///         }
///         func start() {
///             thread.watch(socket)
///             thread.onTurn { [weak self] in
///                 self?.assumeIsolated { $0.turn() } ?? SocketThread.longestWait
///             }
///         }
///     }
///
/// The thread runs until ``stop()``.
public final class SocketThread: SerialExecutor {
    /// libzmq notices binds, connections and subscriptions of an idle socket only when it is
    /// looked at, so no wait is longer. A poller looks at all of them when nothing ended its wait.
    public static let longestWait = Duration.milliseconds(100)

    private let state = Mutex(State())
    private let waker: Waker
    private let name: String
    private let longestWait: Duration
    /// The thread that runs now, or 0.
    private let current = Atomic<UInt>(0)
    // Touched only by the thread that `current` names; a later thread starts after it ended.
    nonisolated(unsafe) private var poller: Poller
    nonisolated(unsafe) private var turn: (@Sendable () -> Duration)?

    private struct State {
        var phase = Phase.running
        var jobs: [UnownedJob] = []
        var stopped: [CheckedContinuation<Void, Never>] = []
        /// The thread waits in a poll, or is about to, and nobody has woken it.
        var isSleeping = false
    }

    private enum Phase {
        /// Rounds are made. Next: `stopping`.
        case running
        /// Jobs that are there are run, then the thread ends. Next: `stopped`.
        case stopping
        /// There is no thread. A job that comes still starts one for itself. Next: `straggling`.
        case stopped
        /// A thread runs late jobs, and nothing else. Next: `stopped`.
        case straggling
    }

    /// Starts the thread. Its name is for debuggers; the system may cut it to 15 characters.
    public convenience init(name: String) throws(ZeroMQError) {
        try self.init(name: name, longestWait: Self.longestWait)
    }

    /// - Parameter longestWait: a longer one shows in a test that something else ends the waits.
    package init(name: String, longestWait: Duration) throws(ZeroMQError) {
        self.name = name
        self.longestWait = longestWait
        let poller = try Poller()
        waker = poller.waker
        self.poller = poller
        start { $0.run() }
    }

    private func start(_ body: @escaping @Sendable (SocketThread) -> Void) {
        let thread = Thread { [self] in
            current.store(UInt(czmq_thread_id()), ordering: .sequentiallyConsistent)
            body(self)
        }
        thread.name = name
        thread.start()
    }

    // MARK: - For the owner, on the thread

    /// Ends waits when something arrives on this socket. Before it closes, ``unwatch(_:)`` it.
    public func watch(_ socket: borrowing Socket) {
        preconditionIsolated()
        poller.add(socket)
    }

    public func unwatch(_ socket: borrowing Socket) {
        preconditionIsolated()
        poller.remove(socket)
    }

    /// The same for all that an authenticator waits for.
    public func watch(_ authenticator: borrowing Authenticator) {
        authenticator.forEachSocket { watch($0) }
    }

    public func unwatch(_ authenticator: borrowing Authenticator) {
        authenticator.forEachSocket { unwatch($0) }
    }

    /// Installs what is called on the thread in every round. It says how long the next wait may
    /// be at most; nothing waits longer than ``longestWait``.
    public func onTurn(_ turn: @escaping @Sendable () -> Duration) {
        preconditionIsolated()
        self.turn = turn
    }

    // MARK: - For everyone

    /// Runs the jobs that were enqueued before and ends the thread. The owner closes its sockets
    /// on the thread first.
    public func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.phase == .running || state.phase == .stopping else { return true }
                state.phase = .stopping
                state.stopped.append(continuation)
                return false
            }
            if isOver {
                continuation.resume()
            } else {
                waker.wake()
            }
        }
    }

    // MARK: - SerialExecutor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        enum Action { case none, wake, start }
        let action = state.withLock { state -> Action in
            state.jobs.append(job)
            if state.phase == .stopped {
                state.phase = .straggling
                return .start
            }
            guard state.isSleeping else { return .none }
            state.isSleeping = false
            return .wake
        }
        switch action {
        case .none: break
        case .wake: waker.wake()
        case .start: start { $0.runStragglers() }
        }
    }

    public func checkIsolated() {
        precondition(isOnThread, "This must run on the thread “\(name)”.")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isOnThread
    }

    /// Whether the caller runs on this thread.
    public var isOnThread: Bool {
        current.load(ordering: .sequentiallyConsistent) == UInt(czmq_thread_id())
    }

    // MARK: - The thread

    private func run() {
        var longest = Duration.zero
        while true {
            let (mayWait, mustStop) = state.withLock { state in
                state.isSleeping = state.jobs.isEmpty && state.phase == .running
                return (state.isSleeping, state.phase == .stopping)
            }
            do {
                try poller.wait(atMost: mayWait ? min(longest, longestWait) : .zero)
            } catch {
                // A watched socket that is closed is the owner's mistake, and polling would spin.
                preconditionFailure("A watched socket cannot be polled: \(error)")
            }
            runJobs()
            if mustStop { break }
            longest = turn?() ?? longestWait
        }
        turn = nil
        end()
    }

    /// Runs the jobs that are there, not those that they enqueue: a turn comes between.
    private func runJobs() {
        let jobs = state.withLock { state in
            state.isSleeping = false
            let jobs = state.jobs
            state.jobs.removeAll()
            return jobs
        }
        for job in jobs {
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    /// A job must not be lost after the end: whoever awaits it would hang.
    private func runStragglers() {
        runJobs()
        end()
    }

    private func end() {
        while true {
            /// Those who wait for the end, or `nil` while jobs still come.
            let stopped = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
                guard state.jobs.isEmpty else { return nil }
                current.store(0, ordering: .sequentiallyConsistent)
                state.phase = .stopped
                defer { state.stopped.removeAll() }
                return state.stopped
            }
            if let stopped {
                for continuation in stopped { continuation.resume() }
                return
            }
            runJobs()
        }
    }
}
