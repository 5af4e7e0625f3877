import Foundation
import TestSupport
import Testing

/// A TCP connection on which a test says what it wants (ZMTP: https://rfc.zeromq.org/spec/37).
final class RawPeer {
    private let descriptor: CInt
    private(set) var received: [UInt8] = []
    private(set) var isHungUp = false

    /// Connects to the port on 127.0.0.1, says this, and does not wait.
    init(to port: Int, saying bytes: [UInt8] = []) throws {
        #if os(Linux)
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        say(bytes)
    }

    deinit { close(descriptor) }

    /// Few enough bytes for the system to take at once. Whoever has hung up does not hear them.
    func say(_ bytes: [UInt8]) {
        #if os(Linux)
            _ = send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        #else
            var on: CInt = 1
            setsockopt(
                descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<CInt>.size))
            _ = send(descriptor, bytes, bytes.count, 0)
        #endif
    }

    /// Greets without encryption, as a DEALER; what it says next may be messages.
    static func introduced(
        to port: Int, _ properties: [(String, [UInt8])] = []
    ) async throws -> RawPeer {
        let peer = try RawPeer(to: port, saying: greeting("NULL") + ready("DEALER", properties))
        while peer.received.firstRange(of: Array("READY".utf8)) == nil {
            peer.look()
            try #require(!peer.isHungUp)
            try await moment(waitingFor: "READY")
        }
        return peer
    }

    /// Takes what is there.
    func look() {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while !isHungUp {
            let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            isHungUp = count <= 0
            received += bytes.prefix(max(0, count))
        }
    }

    // MARK: - ZMTP

    static let signature: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]

    /// The greeting of ZMTP 3.
    static func greeting(_ mechanism: String, isServer: Bool = false) -> [UInt8] {
        let name = Array(mechanism.utf8)
        return signature + [3, 1] + name + [UInt8](repeating: 0, count: 20 - name.count)
            + [isServer ? 1 : 0] + [UInt8](repeating: 0, count: 31)
    }

    /// A frame of ZMTP 2 and 3 with at most 255 bytes.
    static func frame(_ body: [UInt8], isCommand: Bool = false) -> [UInt8] {
        [isCommand ? 4 : 0, UInt8(body.count)] + body
    }

    static func command(_ name: String, _ body: [UInt8] = []) -> [UInt8] {
        frame([UInt8(name.utf8.count)] + Array(name.utf8) + body, isCommand: true)
    }

    static func ready(_ type: String, _ properties: [(String, [UInt8])] = []) -> [UInt8] {
        let all = [("Socket-Type", Array(type.utf8))] + properties
        return command("READY", all.flatMap { property($0, $1) })
    }

    private static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.count)] + value
    }
}
