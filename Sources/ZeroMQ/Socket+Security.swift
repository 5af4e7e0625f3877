import CZeroMQ

extension Socket {
    /// Encrypts, as the side that binds. Whom it lets in is for the ``Authenticator`` to say,
    /// which must be there before the first connection.
    ///
    /// It counts for what is bound afterwards, so that one socket may listen at several endpoints,
    /// each with other keys and another domain.
    ///
    /// - Parameter domain: what the authenticator is told; without one it would not be asked.
    public mutating func encrypt(
        asServer keys: KeyPair, domain: String
    ) throws(ZeroMQError) {
        precondition(!domain.isEmpty, "libzmq asks no authenticator about an empty domain.")
        try set(ZMQ_ZAP_DOMAIN, Array(domain.utf8))
        // With it, a missing authenticator refuses everyone instead of letting everyone in.
        try set(CZMQ_ZAP_ENFORCE_DOMAIN, true)
        try set(ZMQ_CURVE_SERVER, true)
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
        try requireCurve()
    }

    /// Encrypts, as the side that connects.
    public mutating func encrypt(
        asClient keys: KeyPair, server: Key
    ) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVERKEY, server.bytes)
        try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes)
        try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
        try requireCurve()
    }

    /// libzmq takes a key that it cannot use in silence, and then sends in the clear.
    private func requireCurve() throws(ZeroMQError) {
        guard try number(ZMQ_MECHANISM) == ZMQ_CURVE else { throw .notEncrypted }
    }
}
