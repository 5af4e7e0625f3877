import Messages
import ZeroMQ

/// Where metrics are served: a port of this machine's loopback, unless another address is named.
package struct MetricsAddress: Hashable, Sendable {
    /// An address of this machine, without brackets.
    package let number: String
    /// 0 takes a free one.
    package let port: UInt16

    /// Only this machine reaches it.
    package var isLoopback: Bool { Address.isLoopback(number) }

    /// Reads `9464`, `0.0.0.0:9464`, `[::]:9464` or `localhost:9464`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.lastIndex(of: ":").map {
            (host: String(text[..<$0]), port: text[text.index(after: $0)...])
        }
        let (host, port) = parts ?? ("127.0.0.1", text[...])
        guard !port.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(port), let number = Self.number(host)
        else { return nil }
        (self.number, self.port) = (number, port)
    }

    package init(number: String, port: UInt16) { (self.number, self.port) = (number, port) }

    private static func number(_ host: String) -> String? {
        if host == "localhost" { return "127.0.0.1" }
        let isBracketed = host.first == "[" && host.last == "]"
        let bare = isBracketed ? String(host.dropFirst().dropLast()) : host
        // A port would be taken for a part of a number of version 6.
        guard bare.contains(":") == isBracketed else { return nil }
        return LocalNetwork.number(bare)
    }
}

extension MetricsAddress: CustomStringConvertible {
    package var description: String {
        number.contains(":") ? "[\(number)]:\(port)" : "\(number):\(port)"
    }
}

/// Why metrics cannot be served.
package enum MetricsError: Error, Hashable, Sendable {
    case portTaken(UInt16)
    /// The address is none of this machine, or it may not be taken.
    case badAddress(String)
    case notPermitted(UInt16)
    case failed(String, reason: String)
}

extension MetricsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .portTaken(let port):
            """
            Port \(port), for metrics, is taken by another program; choose another one with --metrics.
            """
        case .badAddress(let address):
            """
            Metrics cannot be served at \(address), which is not an address of this machine; name \
            one with --metrics.
            """
        case .notPermitted(let port):
            """
            Port \(port), for metrics, is not for this user; choose one above 1023 with --metrics.
            """
        case .failed(let address, let reason):
            "Metrics cannot be served at \(address) (\(reason)); choose another port with --metrics."
        }
    }
}
