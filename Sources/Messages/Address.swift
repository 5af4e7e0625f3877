/// Where a coordinator is: `murmur://[SECRET@]HOST:PORT[/POPULATION]`, where who was invited has
/// `invited:KEY.SERVER` in the place of the secret.
package struct Address: Hashable, Sendable {
    /// By which the two sides know each other; without it nothing is encrypted.
    package var credential: Credential?
    /// A name or a number; a version 6 number without its brackets.
    package var host: String
    package var port: UInt16
    package var population: String?
    /// Where it was read, and is read again when nobody answers. While nothing is there, it has no
    /// host and no port.
    package var file: String?

    package static let scheme = "murmur"
    package static let defaultPort: UInt16 = 7777

    package init(
        secret: String? = nil, host: String, port: UInt16 = defaultPort, population: String? = nil
    ) {
        self.init(
            credential: secret.map { .secret($0) }, host: host, port: port, population: population)
    }

    package init(
        credential: Credential?, host: String, port: UInt16 = defaultPort,
        population: String? = nil
    ) {
        self.credential = credential
        self.host = host
        self.port = port
        self.population = population
    }

    /// Whether it says where the coordinator is.
    package var isKnown: Bool { port != 0 }

    package static let filePrefix = "file:"

    /// The address with its secret, as ``init(_:)`` reads it; of a file, the file's name. Not for
    /// logs.
    package var text: String {
        if let file { return Address.filePrefix + file }
        let user =
            switch credential {
            case .secret(let secret): PercentEncoding.encode(secret) + "@"
            case .invitation(let invitation): invitation.text + "@"
            case nil: ""
            }
        return "\(Address.scheme)://\(user)\(place)"
    }

    /// Where libzmq connects to.
    package var endpoint: String { "tcp://\(bracketedHost):\(port)" }

    /// Whether only this machine is reached by it.
    package var isLoopback: Bool { Address.isLoopback(host) }

    /// Whether a host is this machine for certain: `localhost`, 127.0.0.0/8 or ::1.
    package static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "0:0:0:0:0:0:0:1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    private var place: String {
        "\(bracketedHost):\(port)" + (population.map { "/\($0)" } ?? "")
    }
}

/// Printed without the secret, so that it may appear in logs and in sentences.
extension Address: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        if !isKnown, let file { return "the address in \(file)" }
        return "\(Address.scheme)://\(place)"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

/// Why a text is not an address: one sentence. It never repeats the secret.
package struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

extension Address {
    /// Reads `murmur://[SECRET@]HOST:PORT[/POPULATION]`. The port is 7777 when it is left out.
    package init(_ text: String) throws(AddressError) {
        let form = "murmur://[SECRET@]HOST:PORT[/POPULATION]"
        let prefix = "\(Address.scheme)://"
        guard text.lowercased().hasPrefix(prefix) else {
            throw AddressError(
                text.isEmpty
                    ? "The address is empty; write it as \(form)."
                    : "The address does not begin with murmur://; write it as \(form).")
        }
        let rest = text.dropFirst(prefix.count)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw AddressError("The address contains ? or #; write it as \(form).")
        }
        try Address.checkInvitation(in: rest)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 1 || !parts[1].contains("@") else {
            throw AddressError("The address has a / before its @; write / in a secret as %2F.")
        }
        let authority = parts[0]
        let location: Substring
        if let at = authority.lastIndex(of: "@") {
            credential = try Address.credential(authority[..<at])
            location = authority[authority.index(after: at)...]
        } else {
            credential = nil
            location = authority
        }
        (host, port) = try Address.location(location)
        population = parts.count == 2 ? try Address.population(parts[1]) : nil
    }

    /// Refuses an invitation that is not whole, before any of it is taken for something else and
    /// said aloud.
    private static func checkInvitation(in text: Substring) throws(AddressError) {
        guard text.hasPrefix(Invitation.prefix) else { return }
        let end = text.lastIndex(of: "@")
        if end == nil {
            // A host may have this name too.
            let port = text.dropFirst(Invitation.prefix.count).prefix { $0 != "/" }
            if port.count <= 5, port.allSatisfy(\.isNumber) { return }
        }
        guard let end, Invitation(text[..<end]) != nil else {
            throw AddressError(
                """
                The address's invitation is damaged; copy the whole invitation that murmur invite \
                printed, or write the : of a secret that begins with \(Invitation.prefix) as %3A.
                """)
        }
    }

    private static func credential(_ text: Substring) throws(AddressError) -> Credential {
        if let invitation = Invitation(text) { return .invitation(invitation) }
        return .secret(try secret(text))
    }

    private static func secret(_ text: Substring) throws(AddressError) -> String {
        guard !text.isEmpty else {
            throw AddressError(
                "The address has an @ but no secret before it; add the secret or leave out the @.")
        }
        guard let secret = PercentEncoding.decode(text) else {
            throw AddressError(
                "The address's secret has a % that does not begin a byte such as %2F; write %25.")
        }
        return secret
    }

    private static func location(
        _ text: Substring
    ) throws(AddressError) -> (host: String, port: UInt16) {
        let host: Substring
        let rest: Substring
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw AddressError(
                    "The address's host begins with [ and has no ]; write [::1]:7777, for example.")
            }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard host.contains(":"), host.allSatisfy(isVersion6) else {
                throw AddressError(
                    "\"\(host)\" in brackets is not an IPv6 address; write [::1], for example.")
            }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end]
            rest = text[end...]
            guard !host.isEmpty else {
                throw AddressError(
                    "The address has no host; write murmur://localhost:7777, for example.")
            }
            guard !rest.dropFirst().contains(":") else {
                throw AddressError(
                    "The address's host has several colons; write an IPv6 address in brackets.")
            }
            guard host.allSatisfy(isHost) else {
                throw AddressError(
                    """
                    "\(host)" is not a host; use a name or a number of letters, digits, dots and \
                    dashes, and write / and @ in a secret as %2F and %40.
                    """)
            }
        }
        return (String(host), try port(rest))
    }

    private static func port(_ text: Substring) throws(AddressError) -> UInt16 {
        if text.isEmpty { return defaultPort }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else {
            throw AddressError("\"\(digits)\" is not a port; use a number from 1 to 65535.")
        }
        return port
    }

    private static func population(_ text: Substring) throws(AddressError) -> String? {
        if text.isEmpty { return nil }
        guard Limits.isName(String(text)) else {
            throw AddressError(
                """
                "\(text)" cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, underscores and dashes.
                """)
        }
        return String(text)
    }

    private static func isVersion6(_ character: Character) -> Bool {
        // A zone may follow a %: fe80::1%eth0.
        character.isASCII && (isHost(character) || character == ":" || character == "%")
    }

    private static func isHost(_ character: Character) -> Bool {
        character.isASCII
            && (character.isLetter || character.isNumber || "-._".contains(character))
    }
}
