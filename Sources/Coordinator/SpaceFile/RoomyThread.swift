import Foundation
import Synchronization

/// Runs what recurses deeply, a parser for example, where the stack is large enough for it.
///
/// A caller may be on a thread with half a megabyte, which a document of a thousand nested lists
/// overflows.
enum RoomyThread {
    /// Ten times what the deepest document that libyaml accepts takes.
    private static let stackBytes = 16 * 1024 * 1024

    /// Waits for the result: nothing else happens meanwhile.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
        let box = Box<Result>()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = body()
            box.result.withLock { $0 = result }
            done.signal()
        }
        thread.stackSize = stackBytes
        thread.start()
        done.wait()
        guard let result = box.result.withLock({ $0 }) else {
            preconditionFailure("the thread leaves its result before it signals")
        }
        return result
    }

    private final class Box<Result: Sendable>: Sendable {
        let result = Mutex<Result?>(nil)
    }
}
