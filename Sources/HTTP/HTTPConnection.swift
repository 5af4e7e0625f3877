import FlyingSocks
import Foundation

/// One connection: requests, each answered before the next one is read.
struct HTTPConnection {
    private let socket: AsyncSocket
    private let pool: any AsyncSocketPool
    private let limits: HTTPLimits
    private let handler: HTTPServer.Handler

    init(
        _ socket: AsyncSocket, pool: any AsyncSocketPool, _ limits: HTTPLimits,
        _ handler: @escaping HTTPServer.Handler
    ) {
        self.socket = socket
        self.pool = pool
        self.limits = limits
        self.handler = handler
    }

    private var writer: HTTPWriter {
        HTTPWriter(socket, pool: pool, patience: limits.reading)
    }

    /// Answers until either side ends it.
    func run() async {
        await serve()
        await close()
    }

    private func serve() async {
        var rest: [UInt8] = []
        var isFirst = true
        while true {
            do {
                guard let head = try await head(&rest, isFirst: isFirst) else { return }
                isFirst = false
                let request = try HTTPRequest(head: head)
                let response = await handler(request)
                let isStream = if case .stream = response.body { true } else { false }
                let closes = isStream || !request.keepsAlive
                try await send(response, closes: closes, hasBody: request.method == .get)
                if closes { return }
            } catch let refusal as HTTPRequest.Refusal {
                try? await send(
                    HTTPResponse(
                        refusal.status, body: .bytes(Data((refusal.sentence + "\n").utf8))),
                    closes: true, hasBody: true)
                return await drain()
            } catch {
                // It is gone, or too slow; nobody is there to be told.
                return
            }
        }
    }

    /// Reads on for a moment after a refusal: what is not read takes the answer along when the
    /// connection is closed.
    private func drain() async {
        var rest = Self.drained
        while rest > 0, let bytes = try? await read(within: Self.draining) { rest -= bytes.count }
    }

    private static let drained = 256 * 1024
    private static let draining = Duration.seconds(1)

    /// Says that there are too many connections.
    func refuse() async {
        let sentence = "There are \(limits.connections) connections already; try again later.\n"
        try? await send(
            HTTPResponse(.unavailable, body: .bytes(Data(sentence.utf8))), closes: true,
            hasBody: true)
        await close()
    }

    /// The pool wakes who waits for a socket, and forgets the socket right after that. It must have
    /// done so before another connection gets its number.
    private func close() async {
        let (socket, pool) = (socket.socket, pool)
        let turn = Task { try? await pool.suspendSocket(socket, untilReadyFor: []) }
        turn.cancel()
        await turn.value
        try? socket.close()
    }

    private func send(_ response: HTTPResponse, closes: Bool, hasBody: Bool) async throws {
        var head = response.head(closes: closes)
        guard hasBody else { return try await writer.write(head) }
        switch response.body {
        case .bytes(let data):
            head.append(data)
            try await writer.write(head)
        case .stream(let write):
            try await writer.write(head)
            try await write(writer)
        }
    }

    /// The next request's lines; `nil` when there is none.
    ///
    /// - Parameter rest: what was read beyond the request before.
    private func head(_ rest: inout [UInt8], isFirst: Bool) async throws -> ArraySlice<UInt8>? {
        if rest.isEmpty {
            guard let bytes = try await read(within: isFirst ? limits.head : limits.idle) else {
                return nil
            }
            rest = bytes
        }
        let deadline = ContinuousClock.now + limits.head
        var searched = 0
        while true {
            if let end = Self.end(of: rest, from: searched) {
                let head = rest[..<end]
                rest = Array(rest[(end + Self.mark.count)...])
                return head
            }
            guard rest.count <= limits.headBytes else {
                throw HTTPRequest.Refusal(
                    .headTooLarge,
                    "The request has more than \(limits.headBytes) bytes before its end.")
            }
            searched = max(0, rest.count - Self.mark.count)
            guard let bytes = try await read(within: deadline - .now) else { return nil }
            rest += bytes
        }
    }

    private static let mark = Array("\r\n\r\n".utf8)

    private static func end(of bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return (start...(bytes.count - mark.count)).first { place in
            bytes[place..<(place + mark.count)].elementsEqual(mark)
        }
    }

    /// - Returns: `nil` at the end of the connection.
    private func read(within time: Duration) async throws -> [UInt8]? {
        do {
            do {
                return try socket.socket.read(atMost: Self.chunk)
            } catch SocketError.blocked {
                let socket = socket
                return try await within(time) { try await socket.read(atMost: Self.chunk) }
            }
        } catch SocketError.disconnected {
            return nil
        }
    }

    private static let chunk = 4096
}
