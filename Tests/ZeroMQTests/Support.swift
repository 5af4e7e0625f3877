import Foundation
import TestSupport
import ZeroMQ

extension Socket {
    /// A DEALER that is connected, seen by a monitor.
    static func connectedDealer(
        to endpoint: String, in context: Context, options: [SocketOption] = []
    ) async throws -> Socket {
        var socket = try Socket(.dealer, in: context, options: options)
        var monitor = try SocketMonitor(of: socket)
        try socket.connect(endpoint)
        while try monitor.next() != .handshakeSucceeded {
            try await moment(waitingFor: "the handshake")
        }
        return socket
    }
}

/// What `body` returns, on a thread of its own, which may wait.
func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result(catching: body))
        }
    }
}
