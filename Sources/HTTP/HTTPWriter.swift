import FlyingSocks
import Foundation

/// Where an answer goes. It waits for a reader, though not for ever.
package struct HTTPWriter: Sendable {
    private let socket: AsyncSocket
    private let pool: any AsyncSocketPool
    private let patience: Duration

    init(_ socket: AsyncSocket, pool: any AsyncSocketPool, patience: Duration) {
        self.socket = socket
        self.pool = pool
        self.patience = patience
    }

    /// - Throws: when the reader is gone, or takes nothing for too long.
    package func write(_ data: Data) async throws {
        var sent = data.startIndex
        while sent < data.endIndex {
            do {
                sent = try socket.socket.write(data, from: sent)
            } catch SocketError.blocked {
                try await within(patience) {
                    try await pool.suspendSocket(socket.socket, untilReadyFor: .write)
                }
            }
        }
    }
}

/// Calls `body`, and gives up after a time.
func within<Result: Sendable>(
    _ time: Duration, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: time)
            throw TooSlow()
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}

struct TooSlow: Error {}
