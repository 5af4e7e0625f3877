import CZeroMQ

/// A Curve25519 key: 32 bytes.
public struct Key: Hashable, Sendable {
    public let bytes: [UInt8]

    public static let length = 32

    public init(_ bytes: some Sequence<UInt8>) throws(ZeroMQError) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length else { throw .invalidKey(length: bytes.count) }
        self.bytes = bytes
    }

    /// For bytes that are as long as a key because of how they were made.
    fileprivate init(unchecked bytes: [UInt8]) {
        precondition(bytes.count == Self.length)
        self.bytes = bytes
    }
}

/// A secret key and the public one that belongs to it.
public struct KeyPair: Hashable, Sendable {
    public let secretKey: Key
    public let publicKey: Key

    public init(secretKey: Key) {
        var publicKey = [UInt8](repeating: 0, count: Key.length)
        let result = crypto_scalarmult_base(&publicKey, secretKey.bytes)
        precondition(result == 0, "Every 32 bytes are a Curve25519 secret key.")
        self.secretKey = secretKey
        self.publicKey = Key(unchecked: publicKey)
    }

    /// A new pair from the system's randomness.
    public static func random() -> KeyPair {
        KeyPair(secretKey: Key(unchecked: randomBytes(Key.length)))
    }
}

/// The one secret that a coordinator shares with its workers and monitors.
public struct SharedSecret: Hashable, Sendable {
    /// As people pass it on. Never log it.
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    /// The characters of 128 bits in ``alphabet``.
    public static let strongLength = 22

    /// Characters that need no quoting in a URL or a shell.
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// A new secret of 128 bits, as 22 of the characters `A-Z a-z 0-9 - _`.
    public static func generate() -> SharedSecret {
        let characters = randomBytes(strongLength).map { alphabet[Int($0) % alphabet.count] }
        return SharedSecret(String(decoding: characters, as: UTF8.self))
    }

    /// Too short to withstand guessing; for loopback only.
    public var isWeak: Bool { text.count < Self.strongLength }

    /// The keys of both sides: scrypt (RFC 7914) with N = 2^15, r = 8, p = 1 and the salt
    /// `murmuration/v1/curve`; of its 64 bytes the first half is the server's secret key, the
    /// second the client's.
    ///
    /// It takes 32 MiB and about a tenth of a second, so that guessing is slow: keep the result.
    public func keys() -> DerivedKeys {
        var derived = [UInt8](repeating: 0, count: 2 * Key.length)
        let password = Array(text.utf8)
        let result = crypto_pwhash_scryptsalsa208sha256_ll(
            password, password.count, Self.salt, Self.salt.count, Self.cost, Self.blockSize,
            Self.parallelism, &derived, derived.count)
        precondition(result == 0, "There is no memory for deriving keys (32 MiB).")
        return DerivedKeys(
            server: KeyPair(secretKey: Key(unchecked: Array(derived.prefix(Key.length)))),
            client: KeyPair(secretKey: Key(unchecked: Array(derived.suffix(Key.length)))))
    }

    private static let salt = Array("murmuration/v1/curve".utf8)
    private static let cost: UInt64 = 1 << 15
    private static let blockSize: UInt32 = 8
    private static let parallelism: UInt32 = 1
}

/// What a ``SharedSecret`` gives both sides.
public struct DerivedKeys: Hashable, Sendable {
    public let server: KeyPair
    public let client: KeyPair
}

/// From the system's generator.
private func randomBytes(_ count: Int) -> [UInt8] {
    // Repeating the initialization is harmless.
    precondition(sodium_init() >= 0, "libsodium finds no source of randomness.")
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
}
