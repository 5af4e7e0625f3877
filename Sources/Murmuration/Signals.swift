import Dispatch
import Foundation

/// Signals of this process, handled instead of their earlier action while this value lives. One
/// lives at a time for a signal, and none after it.
///
/// One that is ignored stays so: whoever started this process wants it to go on.
package final class Signals: Sendable {
    /// Those that are handled.
    package let numbers: [Int32]
    private let earlier: [sigaction]
    // Dispatch sources may be used from any thread; the protocol only does not say so.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// No signal is lost, neither one that comes at once: the ones that come before this returns
    /// do what they did earlier, or are handled.
    package init(_ numbers: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        let numbers = numbers.filter { !Self.isIgnored($0) }
        self.numbers = numbers
        earlier = numbers.map { Self.action(of: $0) }
        // A queue of its own has a thread of its own: training may keep those of the others busy.
        let queue = DispatchQueue(label: "murmur signals")
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            let registered = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { registered.signal() }
            source.setEventHandler { handle(number) }
            source.activate()
            registered.wait()
            #if canImport(Darwin)
                // There a source sees a signal whose action is none, and does not replace the
                // action. SIGCONT and SIGWINCH do nothing by themselves. Elsewhere it has set a
                // handler, and would not see a signal that is ignored.
                if number != SIGCONT, number != SIGWINCH { signal(number, SIG_IGN) }
            #endif
            return source
        }
    }

    /// Whether this process ignores a signal now, as it does SIGHUP under `nohup`, and SIGINT and
    /// SIGQUIT in a script's background job. To be asked before a handler of one's own is set.
    package static func isIgnored(_ number: Int32) -> Bool {
        let action = action(of: number)
        // What is called with three arguments lies in the same place.
        guard action.sa_flags & SA_SIGINFO == 0 else { return false }
        #if canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #else
            let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func action(of number: Int32) -> sigaction {
        var action = sigaction()
        sigaction(number, nil, &action)
        return action
    }

    deinit {
        for source in sources { source.cancel() }
        for (number, action) in zip(numbers, earlier) {
            withUnsafePointer(to: action) { _ = sigaction(number, $0, nil) }
        }
    }
}
