import Dispatch
import Foundation

/// Signals of this process, handled instead of their default action while this value lives.
final class Signals: Sendable {
    private let numbers: [Int32]
    // Dispatch sources may be used from any thread; the protocol only does not say so.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        self.numbers = numbers
        sources = numbers.map { number in
            // A source sees a signal only when its action does not come first. SIGCONT and
            // SIGWINCH do nothing by themselves.
            if number != SIGCONT, number != SIGWINCH { signal(number, SIG_IGN) }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handle(number) }
            source.activate()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
