import Foundation

/// By which a coordinator and its peers know each other.
package enum Credential: Hashable, Sendable {
    /// What both sides' keys come from. All who have it are one.
    case secret(String)
    /// A key of one's own.
    case invitation(Invitation)
}

/// What `murmur invite` gives out: the secret key of who is invited, and the public one by which the
/// coordinator proves itself. Both have 32 bytes. Never log it.
package struct Invitation: Hashable, Sendable {
    package var clientSecretKey: [UInt8]
    package var serverPublicKey: [UInt8]

    package static let prefix = "invited:"

    package init(clientSecretKey: [UInt8], serverPublicKey: [UInt8]) {
        self.clientSecretKey = clientSecretKey
        self.serverPublicKey = serverPublicKey
    }

    /// As the user part of an address: `invited:KEY.SERVER`.
    package var text: String {
        Self.prefix + KeyText.encode(clientSecretKey) + "." + KeyText.encode(serverPublicKey)
    }

    /// - Returns: `nil` when it is not such a text.
    package init?(_ text: Substring) {
        let keys = text.dropFirst(Self.prefix.count).split(
            separator: ".", omittingEmptySubsequences: false)
        guard text.hasPrefix(Self.prefix), keys.count == 2, let client = KeyText.decode(keys[0]),
            let server = KeyText.decode(keys[1])
        else { return nil }
        self.init(clientSecretKey: client, serverPublicKey: server)
    }
}

/// A key of 32 bytes as 43 of the characters `A-Z a-z 0-9 - _`: base64url (RFC 4648, section 5)
/// without padding.
package enum KeyText {
    private static let length = 43

    package static func encode(_ key: [UInt8]) -> String {
        precondition(key.count == Limits.publicKeyBytes, "a key has 32 bytes")
        return Data(key).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// A public key's id: its 32 bytes as 64 digits.
    package static func id(of publicKey: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: publicKey.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    /// - Returns: `nil` for what ``encode(_:)`` does not write.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count == length else { return nil }
        let base64 = String(text).replacing("-", with: "+").replacing("_", with: "/") + "="
        // The last character has two bits to spare, which must be 0.
        guard let data = Data(base64Encoded: base64), data.count == Limits.publicKeyBytes,
            encode([UInt8](data)) == String(text)
        else { return nil }
        return [UInt8](data)
    }
}
