#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The addresses of this machine, and what names of hosts stand for on it. libzmq knows numbers only
/// where it listens.
package struct LocalNetwork: Sendable {
    /// An address of a network interface that is up.
    package struct Interface: Hashable, Sendable {
        package var name: String
        /// A number. One of version 6 that holds in its network only has its zone after a %.
        package var address: String

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// In the system's order.
    package var interfaces: [Interface]
    /// What this machine is called.
    package var hostName: String
    private let look: @Sendable (String) -> [String]

    /// - Parameter look: which numbers a name stands for.
    package init(
        interfaces: [Interface], hostName: String, look: @escaping @Sendable (String) -> [String]
    ) {
        self.interfaces = interfaces
        self.hostName = hostName
        self.look = look
    }

    /// As the system has it now.
    package init() {
        self.init(interfaces: Self.systemInterfaces(), hostName: Self.systemName()) {
            Self.numbers(of: $0, flags: 0)
        }
    }

    /// The numbers that a name stands for, those of version 4 first: clients ask for no others.
    package func numbers(of name: String) -> [String] {
        guard !name.isEmpty else { return [] }
        let found = look(name)
        return found.filter { !$0.contains(":") } + found.filter { $0.contains(":") }
    }

    /// The number that a text is, as it is usually written: 127.0.0.1 for 127.1. `nil` for a name.
    package static func number(_ text: String) -> String? {
        text.isEmpty ? nil : numbers(of: text, flags: AI_NUMERICHOST).first
    }

    private static func numbers(of name: String, flags: Int32) -> [String] {
        var hints = addrinfo()
        hints.ai_flags = flags
        // Otherwise each address comes once for every kind of socket.
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0 else { return [] }
        // The list is freed once, after it was read.
        defer { freeaddrinfo(found) }
        return sequence(first: found, next: { $0?.pointee.ai_next }).compactMap { entry in
            entry.flatMap { text($0.pointee.ai_addr, $0.pointee.ai_addrlen) }
        }
    }

    private static func systemInterfaces() -> [Interface] {
        var found: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&found) == 0 else { return [] }
        // As above.
        defer { freeifaddrs(found) }
        return sequence(first: found, next: { $0?.pointee.ifa_next }).compactMap { entry in
            guard let entry = entry?.pointee, let address = entry.ifa_addr else { return nil }
            guard entry.ifa_flags & UInt32(bitPattern: Int32(IFF_UP)) != 0 else { return nil }
            let length =
                switch Int32(address.pointee.sa_family) {
                case AF_INET: MemoryLayout<sockaddr_in>.size
                case AF_INET6: MemoryLayout<sockaddr_in6>.size
                default: 0
                }
            return text(address, socklen_t(length)).map {
                Interface(name: String(cString: entry.ifa_name), address: $0)
            }
        }
    }

    /// The number of an address. The pointer is the system's, and is valid for so many bytes.
    private static func text(_ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> String? {
        guard let address, length > 0 else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        return code == 0 ? string(text) : nil
    }

    private static func systemName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        // A longer one may come without its end, for which the last byte stays 0.
        return gethostname(&name, name.count - 1) == 0 ? string(name) : ""
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
