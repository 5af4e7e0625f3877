import Dispatch
import Foundation
import Synchronization

/// A thread that does one piece of work at a time for another thread, which goes on meanwhile.
///
/// It ends with its owner.
final class Companion<Result: Sendable>: Sendable {
    typealias Work = @Sendable () -> Result

    private let shared = Shared()

    private final class Shared: Sendable {
        /// What is to be done next, and what came of the last; `nil` ends the thread.
        let state = Mutex(State())
        let begun = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
    }

    private struct State {
        var work: Work?
        var result: Result?
        /// The result of the last work was not taken.
        var isBusy = false
    }

    /// - Parameter name: for debuggers.
    init(name: String) {
        let thread = Thread { [shared] in Self.run(shared) }
        thread.name = name
        thread.start()
    }

    deinit {
        shared.begun.signal()
    }

    /// Has the thread do something. What it did before is done, and was taken.
    func begin(_ work: @escaping Work) {
        shared.state.withLock { ($0.work, $0.isBusy) = (work, true) }
        shared.begun.signal()
    }

    /// Waits for what the thread does, at most so long; `nil` for however long it takes.
    ///
    /// - Returns: what came of it; `nil` while it is not done.
    func result(within time: Duration?) -> Result? {
        let end = time.map { DispatchTime.now() + .microseconds(Int($0 / .microseconds(1))) }
        guard shared.done.wait(timeout: end ?? .distantFuture) == .success else { return nil }
        return shared.state.withLock { state in
            defer { (state.result, state.isBusy) = (nil, false) }
            return state.result
        }
    }

    /// Waits until the thread does nothing, whatever comes of what it does.
    func finish() {
        if shared.state.withLock({ $0.isBusy }) { _ = result(within: nil) }
    }

    private static func run(_ shared: Shared) {
        while true {
            shared.begun.wait()
            // What the work holds is let go of before it is done.
            guard let result = shared.state.withLock({ $0.work.take() }).map({ $0() }) else {
                return
            }
            shared.state.withLock { $0.result = result }
            shared.done.signal()
        }
    }
}
