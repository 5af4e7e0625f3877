/// Why a client gets nowhere, or that it got through.
public enum HandshakeVerdict: Hashable, Sendable {
    /// Nothing is decided yet.
    case pending
    /// The connection stands.
    case accepted
    /// Nothing listens at the address; libzmq goes on trying.
    case unreachable
    /// The server wants a secret and the client has none. libzmq gives up.
    case secretRequired
    /// The client has a secret and the server has none. libzmq gives up.
    case secretUnexpected
    /// The server has another secret, or none and closed before the client could read that.
    /// libzmq goes on trying.
    case secretWrong
    /// The server knows the secret but does not let this key in. libzmq gives up.
    case keyRefused
    /// Something else than a server of ours listens there, or one that wants a secret and
    /// closed before the client could read that. libzmq goes on trying.
    case foreign

    /// Whether nothing will change as long as both sides stay as they are.
    public var isFinal: Bool {
        switch self {
        case .pending, .accepted, .unreachable: false
        case .secretRequired, .secretUnexpected, .secretWrong, .keyRefused, .foreign: true
        }
    }
}

/// Turns what a ``SocketMonitor`` of a client tells into a ``HandshakeVerdict``.
public struct HandshakeObserver: Hashable, Sendable {
    /// Whether this side encrypts.
    public let isEncrypted: Bool
    public private(set) var verdict = HandshakeVerdict.pending

    /// Handshakes in a row that the server broke off without a word.
    private var brokenOff = 0
    /// A server with another secret breaks off every one. One that is ended breaks off one at
    /// most, and one that disagrees about encryption some, before the client reads of that.
    static let conclusive = 4

    /// Whether there is a connection, with or without a handshake.
    public private(set) var isConnected = false

    /// Whether somebody listens there, and more attempts will show why they come to nothing.
    public var isBrokenOff: Bool { brokenOff > 0 }

    public init(isEncrypted: Bool) {
        self.isEncrypted = isEncrypted
    }

    public mutating func observe(_ event: ConnectionEvent) {
        switch event {
        case .connected: isConnected = true
        case .closed, .disconnected, .handshakeFailed, .retried: isConnected = false
        default: break
        }
        switch event {
        case .handshakeSucceeded:
            brokenOff = 0
            verdict = .accepted
        case .handshakeFailed:
            brokenOff += 1
            guard brokenOff >= Self.conclusive else { return }
            // A server that cannot decrypt closes the connection, and may not say why.
            verdict = isEncrypted ? .secretWrong : .foreign
        case .protocolFailed(.mechanismMismatch):
            verdict = isEncrypted ? .secretUnexpected : .secretRequired
        case .protocolFailed(.cryptographic):
            verdict = .secretWrong
        case .protocolFailed(.other):
            verdict = .foreign
        case .refused:
            verdict = .keyRefused
        case .closed:
            // An attempt to connect came to nothing; a final verdict stays what it is.
            brokenOff = 0
            if !verdict.isFinal { verdict = .unreachable }
        case .disconnected:
            if verdict == .accepted { verdict = .pending }
        case .connected, .connectDelayed, .retried, .accepted, .listening, .other:
            break
        }
    }
}
