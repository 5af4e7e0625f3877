import Foundation
import Messages
import Testing

/// The addresses of those who are invited, by `Tests/Vectors/invitations.json`.
struct InvitationTests {
    struct Vectors: Decodable {
        var invitations: [Whole]
        var damaged: [Damaged]
        var secrets: [Secret]

        struct Whole: Decodable {
            var clientSecret: String
            var serverPublic: String
            var host: String
            var port: UInt16
            var population: String
            var url: String
        }

        struct Damaged: Decodable {
            var url: String
            var why: String
        }

        struct Secret: Decodable {
            var url: String
            var secret: String
            var why: String
        }
    }

    static let vectors: Vectors = {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/invitations.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Vectors.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("the vectors cannot be read: \(error)")
        }
    }()

    @Test func `An invitation is read, and written the same`() throws {
        #expect(Self.vectors.invitations.count >= 3)
        for vector in Self.vectors.invitations {
            let address = try Address(vector.url)
            guard case .invitation(let invitation) = address.credential else {
                Issue.record("no invitation: \(vector.url)")
                continue
            }
            #expect(hex(invitation.clientSecretKey) == vector.clientSecret)
            #expect(hex(invitation.serverPublicKey) == vector.serverPublic)
            #expect(address.host == vector.host)
            #expect(address.port == vector.port)
            #expect(address.population == (vector.population.isEmpty ? nil : vector.population))
            #expect(address.text == vector.url)
        }
    }

    @Test func `An invitation is printed by nothing`() throws {
        for vector in Self.vectors.invitations {
            let address = try Address(vector.url)
            let key = String(vector.url.dropFirst("murmur://invited:".count).prefix(43))
            var dumped = ""
            dump(address, to: &dumped)
            for text in ["\(address)", String(reflecting: address), dumped] {
                #expect(!text.contains(key) && !text.contains("invited"))
            }
        }
    }

    @Test func `A damaged invitation is refused, and not repeated`() throws {
        #expect(Self.vectors.damaged.count >= 3)
        for vector in Self.vectors.damaged {
            let error = #expect(throws: AddressError.self, "\(vector.why) \(vector.url)") {
                try Address(vector.url)
            }
            let sentence = error?.description ?? ""
            #expect(sentence.contains("copy the whole invitation"), "\(vector.why) \(sentence)")
            // Eight characters in a row are more than a sentence has by chance.
            let given = Array(vector.url.dropFirst("murmur://invited:".count).prefix { $0 != "@" })
            for start in 0..<max(0, given.count - 8) {
                #expect(!sentence.contains(String(given[start..<start + 8])), "\(vector.why)")
            }
        }
    }

    @Test func `What only looks like an invitation is a secret`() throws {
        for vector in Self.vectors.secrets {
            let address = try Address(vector.url)
            #expect(address.credential == .secret(vector.secret), "\(vector.why)")
        }
    }

    @Test func `A host may be called as an invitation begins`() throws {
        #expect(try Address("murmur://invited:7777/p") == Address(host: "invited", population: "p"))
        #expect(try Address("murmur://invited") == Address(host: "invited"))
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02x", $0) }.joined()
    }
}
