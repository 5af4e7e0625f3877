import Foundation
import Murmuration

/// The wish of the user, or of the system, that this process ends: Ctrl-C, SIGTERM, or a terminal
/// that was closed. While this value lives, these signals do nothing else.
///
/// One that was ignored when the process began stays ignored: `nohup` has it outlive its terminal,
/// and a script's job in the background outlives Ctrl-C.
struct Interruption: Sendable {
    private let signals: Signals
    private let received: AsyncStream<Int32>

    init() {
        let (received, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.received = received
        signals = Signals([SIGINT, SIGTERM, SIGHUP]) { continuation.yield($0) }
    }

    /// The first signal; `nil` when the task was cancelled before.
    func wait() async -> Int32? {
        defer { withExtendedLifetime(signals) {} }
        return await received.first { _ in true }
    }
}
