import FlyingSocks
import Foundation

/// Answers requests that only ask, in bounded memory and time: each connection has one request at a
/// time, and what is written waits for its reader.
package struct HTTPServer: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    private let listener: Socket
    private let limits: HTTPLimits
    /// Where it listens, also when any free port was asked for.
    package let port: Int

    /// - Parameters:
    ///   - host: an address of this machine, as a number.
    ///   - port: 0 for a free one.
    package init(
        host: String, port: Int, limits: HTTPLimits = HTTPLimits()
    ) throws(HTTPServerError) {
        self.limits = limits
        guard let number = UInt16(exactly: port) else { throw .notAPort(port) }
        do {
            if host.contains(":") {
                listener = try Self.listen(at: .inet6(ip6: host, port: number))
            } else {
                listener = try Self.listen(at: .inet(ip4: host, port: number))
            }
            switch try listener.sockname() {
            case .ip4(_, let port), .ip6(_, let port): self.port = Int(port)
            case .unix: self.port = port
            }
        } catch let error as SocketError {
            throw HTTPServerError(error, host: host, port: port)
        } catch {
            throw .failed(host: host, port: port, reason: "\(error)")
        }
    }

    private static func listen(at address: some SocketAddress) throws -> Socket {
        let socket = try Socket(domain: Int32(address.family))
        do {
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: address)
            try socket.listen()
        } catch {
            try? socket.close()
            throw error
        }
        return socket
    }

    /// Serves until the task is cancelled.
    package func run(_ handler: @escaping Handler) async throws {
        defer { try? listener.close() }
        let pool = SocketPool.make()
        try await pool.prepare()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            group.addTask {
                try await accept(AsyncSocket(socket: listener, pool: pool), pool, handler)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func accept(
        _ listener: AsyncSocket, _ pool: any AsyncSocketPool, _ handler: @escaping Handler
    ) async throws {
        let count = ConnectionCount(most: limits.connections)
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                try Task.checkCancellation()
                let socket: AsyncSocket
                do {
                    socket = try await listener.accept()
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    // It was gone before it was taken, or there are no more open files.
                    try await Task.sleep(for: Self.pause)
                    continue
                }
                guard count.take() else {
                    group.addTask {
                        await HTTPConnection(socket, pool: pool, limits, handler).refuse()
                    }
                    continue
                }
                group.addTask {
                    await HTTPConnection(socket, pool: pool, limits, handler).run()
                    count.giveBack()
                }
            }
        }
    }

    private static let pause = Duration.milliseconds(50)
}
