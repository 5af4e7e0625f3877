import Messages
import ZeroMQ

/// By which a client proves itself, and knows its coordinator.
struct ClientKeys: Sendable {
    let client: KeyPair
    let server: Key

    /// From a secret it takes a tenth of a second: keep the result.
    init(_ credential: Credential) throws(ZeroMQError) {
        switch credential {
        case .secret(let secret):
            let keys = SharedSecret(secret).keys()
            client = keys.client
            server = keys.server.publicKey
        case .invitation(let invitation):
            client = KeyPair(secretKey: try Key(invitation.clientSecretKey))
            server = try Key(invitation.serverPublicKey)
        }
    }
}

extension Socket {
    mutating func encrypt(with keys: ClientKeys) throws(ZeroMQError) {
        try encrypt(asClient: keys.client, server: keys.server)
    }
}
