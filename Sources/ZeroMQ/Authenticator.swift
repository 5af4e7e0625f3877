/// Answers libzmq's question whom to let in (ZAP, https://rfc.zeromq.org/spec/27): those whose
/// CURVE key is allowed in the domain of the endpoint that they come to, and nobody else.
///
/// Make it before the first socket binds, in the same context, and keep it until the last one is
/// closed: without it an encrypted socket of this module refuses everyone.
/// Its owner has it watched and calls ``serve()`` when something is there; clients wait.
///
/// No answer leaves before libzmq's I/O thread has ended what it asked in the middle of. If an answer
/// were there while it still does that, what the client says of itself would be read after it, and
/// a routing id that the client claims would count instead of the one that it is given.
public struct Authenticator: ~Copyable {
    private var socket: Socket
    private var fence: Fence
    /// Requests that came since the fence was raised, and those that it was raised for.
    private var waiting: [[[UInt8]]] = []
    private var fenced: [[[UInt8]]] = []
    /// Who is let in, by the bytes of the domain's name and the public key.
    private var userIDs: [[UInt8]: [Key: String]] = [:]
    /// The routing id of the next connection that is let in.
    private var nextRoutingID = UInt32.random(in: 0...UInt32.max)

    /// How many connections it let in, and how many it refused.
    public private(set) var accepted = 0
    public private(set) var refused = 0

    public init(in context: Context) throws(ZeroMQError) {
        var socket = try Socket(.router, in: context)
        try socket.bind("inproc://zeromq.zap.01")
        let fence = try Fence(in: context)
        self.socket = socket
        self.fence = fence
    }

    /// Lets in whoever holds the secret to this public key, at the endpoints of this domain, as the
    /// user that `Message.property("User-Id")` names.
    ///
    /// - Parameter userID: 1 to 255 bytes, none of them zero, at which libzmq would cut it off.
    public mutating func allow(_ publicKey: Key, as userID: String, in domain: String) {
        precondition(
            (1...255).contains(userID.utf8.count) && !userID.utf8.contains(0),
            "A user has a name of 1 to 255 bytes.")
        userIDs[Array(domain.utf8), default: [:]][publicKey] = userID
    }

    /// Refuses new connections with this key in this domain; those that stand go on.
    public mutating func revoke(_ publicKey: Key, in domain: String) {
        userIDs[Array(domain.utf8)]?[publicKey] = nil
    }

    /// ``serve()`` would do nothing before what is polled has something again.
    package var isDrained: Bool { socket.isDrained && fence.socket.isDrained }

    /// Takes the requests that are there, and answers those before which the I/O thread is done.
    public mutating func serve() throws(ZeroMQError) {
        while let request = try socket.receiveFrames() { waiting.append(request) }
        guard try fence.isDown() else { return }
        for request in fenced { try reply(to: request) }
        fenced = waiting
        waiting = []
        if !fenced.isEmpty { try fence.raise() }
    }

    /// - Parameter message: a request after the connection that it came by, and an empty frame.
    private mutating func reply(to message: [[UInt8]]) throws(ZeroMQError) {
        let envelope = message.prefix(2)
        let reply = answer(Array(message.dropFirst(2)))
        if reply[Reply.status] == Reply.allowed {
            accepted += 1
        } else {
            refused += 1
        }
        _ = try socket.send(frames: envelope + reply)
    }

    /// Calls `body` with each socket to poll.
    func forEachSocket(_ body: (borrowing Socket) -> Void) {
        body(socket)
        body(fence.socket)
    }

    /// The reply to a request.
    ///
    /// The frames of a request are version, request id, domain, address, routing id, mechanism and
    /// the mechanism's credentials: for CURVE the client's public key.
    ///
    /// Whoever is let in is given a routing id, in the form of those that libzmq allots. It takes the
    /// place of one that the client claims: libzmq ends the process when it allots one that is
    /// claimed already, and whoever claims enough of them and connects again and again gets there.
    mutating func answer(_ request: [[UInt8]]) -> [[UInt8]] {
        func refuse(_ status: String, _ reason: String) -> [[UInt8]] {
            let id = request.count > 1 ? request[1] : []
            return [Reply.version, id, Array(status.utf8), Array(reason.utf8), [], []]
        }
        guard request.count >= 6, request[0] == Reply.version else {
            return refuse("500", "The request is malformed.")
        }
        guard let userIDs = userIDs[request[2]] else {
            return refuse("400", "Nobody is allowed in this domain.")
        }
        guard request[5] == Array("CURVE".utf8) else {
            return refuse("400", "Only encrypted connections are served.")
        }
        guard request.count == 7, let key = try? Key(request[6]) else {
            return refuse("500", "The request is malformed.")
        }
        guard let userID = userIDs[key] else {
            return refuse("400", "The key is not allowed.")
        }
        let metadata = property("Identity", [0] + bytes(of: nextRoutingID))
        nextRoutingID &+= 1
        return [Reply.version, request[1], Reply.allowed, [], Array(userID.utf8), metadata]
    }

    /// A property as ZMTP has it: each part after its length.
    private func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + bytes(of: UInt32(value.count)) + value
    }

    private func bytes(of number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private enum Reply {
        static let version = Array("1.0".utf8)
        static let allowed = Array("200".utf8)
        /// The place of the status code among the frames.
        static let status = 2
    }
}
