import CZeroMQ
import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(5)))
struct SecurityProbeTests {
    @Test func `The sockets of this module pass`() throws {
        try SecurityProbe.run(patience: .seconds(50))
    }

    /// Protection that lacks something, and what may be found first.
    struct Flaw: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var findings: Set<SecurityProbe.Finding>
        var encrypt: @Sendable (inout Socket, KeyPair) throws(ZeroMQError) -> Void = {
            socket, keys throws(ZeroMQError) in
            try socket.encrypt(asServer: keys, domain: SecurityProbe.domain)
        }
        var admit: @Sendable (inout Authenticator, Key, Key) -> Void = { authenticator, right, _ in
            authenticator.allow(right, as: SecurityProbe.userID, in: SecurityProbe.domain)
        }
    }

    @Test(arguments: [
        Flaw(
            testDescription: "no encryption",
            findings: [.unencryptedClientServed, .rightKeyRefused], encrypt: { _, _ in }),
        Flaw(
            testDescription: "no domain",
            findings: [.unknownKeyServed, .servedWithoutAuthenticator, .rightKeyRefused],
            encrypt: { socket, keys throws(ZeroMQError) in
                try socket.set(CZMQ_ZAP_ENFORCE_DOMAIN, true)
                try socket.set(ZMQ_CURVE_SERVER, true)
                try socket.set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
            }),
        Flaw(
            testDescription: "a domain that is not enforced",
            findings: [.servedWithoutAuthenticator],
            encrypt: { socket, keys throws(ZeroMQError) in
                try socket.encrypt(asServer: keys, domain: SecurityProbe.domain)
                try socket.set(CZMQ_ZAP_ENFORCE_DOMAIN, false)
            }),
        Flaw(
            testDescription: "everybody is allowed", findings: [.unknownKeyServed],
            admit: { authenticator, right, unknown in
                for key in [right, unknown] {
                    authenticator.allow(key, as: SecurityProbe.userID, in: SecurityProbe.domain)
                }
            }),
        Flaw(
            testDescription: "nobody is allowed", findings: [.rightKeyRefused],
            admit: { _, _, _ in }),
        Flaw(
            testDescription: "one is taken for somebody else", findings: [.rightKeyRefused],
            admit: { authenticator, right, _ in
                authenticator.allow(right, as: "left", in: SecurityProbe.domain)
            }),
    ])
    func `Protection that lacks something is found out`(_ flaw: Flaw) throws {
        let error = try #require(throws: ZeroMQError.self) {
            try SecurityProbe.run(
                patience: .seconds(50), encrypt: flaw.encrypt, admit: flaw.admit)
        }
        guard case .unprotected(let finding) = error else {
            Issue.record(error)
            return
        }
        #expect(flaw.findings.contains(finding))
    }

    @Test func `What is not decided in time is no success`() {
        #expect(throws: ZeroMQError.unprotected(.undecided)) {
            try SecurityProbe.run(patience: .zero)
        }
    }
}
