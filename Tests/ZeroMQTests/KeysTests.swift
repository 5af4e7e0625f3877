import Foundation
import Testing
import ZeroMQ

struct KeysTests {
    struct Vector: Decodable {
        var secret: String
        var serverSecret: String
        var serverPublic: String
        var clientSecret: String
        var clientPublic: String
    }

    @Test func `A secret gives the keys of the known answer`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/keys.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let vector = try decoder.decode(Vector.self, from: Data(contentsOf: url))
        let keys = SharedSecret(vector.secret).keys()
        #expect(hex(keys.server.secretKey) == vector.serverSecret)
        #expect(hex(keys.server.publicKey) == vector.serverPublic)
        #expect(hex(keys.client.secretKey) == vector.clientSecret)
        #expect(hex(keys.client.publicKey) == vector.clientPublic)
    }

    @Test func `A generated secret has 22 url-safe characters and is strong`() {
        let secrets = (0..<100).map { _ in SharedSecret.generate() }
        #expect(Set(secrets).count == secrets.count)
        for secret in secrets {
            #expect(secret.text.wholeMatch(of: /[A-Za-z0-9_-]{22}/) != nil)
            #expect(!secret.isWeak)
        }
    }

    @Test func `A secret of 21 characters is weak`() {
        #expect(SharedSecret(String(repeating: "x", count: 21)).isWeak)
        #expect(!SharedSecret(String(repeating: "x", count: 22)).isWeak)
    }

    @Test(arguments: [0, 31, 33])
    func `A key of another length is refused`(length: Int) {
        #expect(throws: ZeroMQError.invalidKey(length: length)) {
            _ = try Key([UInt8](repeating: 0, count: length))
        }
    }

    @Test func `Random pairs differ`() {
        #expect(KeyPair.random() != KeyPair.random())
    }

    private func hex(_ key: Key) -> String {
        key.bytes.map { String(format: "%02x", $0) }.joined()
    }
}
