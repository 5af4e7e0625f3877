import Messages
import ZeroMQ

/// Where a coordinator listens, and where it is found there.
struct ListeningHost: Equatable {
    /// What it was told to listen at.
    let name: String
    /// What libzmq listens at: a number without brackets, or `*`.
    let number: String
    /// The host in its address: it works on this machine, and on others if they are served.
    let reached: String
    /// The host for who is invited; empty for the one that whoever invites has dialled.
    let invited: String

    /// Only this machine reaches it.
    var isLoopback: Bool { Address.isLoopback(number) }

    /// - Parameters:
    ///   - host: a number, a name, a network interface, or `0.0.0.0`, `::` and `*` for all of this
    ///     machine.
    ///   - advertised: what others dial, when the user says it.
    init(
        _ host: String, advertised: String? = nil, in network: LocalNetwork = LocalNetwork()
    ) throws(CoordinatorError) {
        name = host
        number = try Self.number(of: Self.withoutBrackets(host), in: network)
        let isWildcard = ["0.0.0.0", "::", "*"].contains(number)
        if let advertised {
            reached = try Self.checked(advertised, in: network)
            invited = reached
        } else if isWildcard {
            reached = Self.ownHost(in: network, version6: number == "::")
            invited = ""
        } else {
            let isName = LocalNetwork.number(Self.withoutBrackets(host)) == nil
            let isHostName = isName && !network.interfaces.contains { $0.name == host }
            // Clients look for version 4, and a name of the loopback may be another machine's there.
            let works = isHostName && !number.contains(":") && !Address.isLoopback(number)
            reached = works && Self.isHost(host) ? host : number
            invited = reached
        }
    }

    private static func number(
        of host: String, in network: LocalNetwork
    ) throws(CoordinatorError) -> String {
        if host == "*" { return host }
        if let number = LocalNetwork.number(host) { return number }
        let interface = network.interfaces.filter { $0.name == host }.map(\.address)
        if let number = interface.first(where: { !$0.contains(":") }) ?? interface.first {
            return number
        }
        let found = network.numbers(of: host)
        guard let first = found.first else {
            throw .badHost(host, reason: "no host or network interface has this name here")
        }
        let own = found.filter { network.isOwn($0) }
        guard let number = own.first(where: { !Address.isLoopback($0) }) ?? own.first else {
            throw .badHost(host, reason: "it is \(first), which is not an address of this machine")
        }
        return number
    }

    /// The name of this machine when it leads to it, also from elsewhere as far as that is known
    /// here; else its first address beyond the loopback.
    private static func ownHost(in network: LocalNetwork, version6: Bool) -> String {
        let name = network.hostName
        if isHost(name), let number = network.numbers(of: name).first, !number.contains(":"),
            network.isOwn(number), !Address.isLoopback(number)
        {
            return name
        }
        // One with a zone holds on this machine only.
        let numbers = network.interfaces.map(\.address)
            .filter { !Address.isLoopback($0) && !$0.contains("%") }
        return numbers.first { !$0.contains(":") }
            ?? (version6 ? numbers.first ?? "::1" : "127.0.0.1")
    }

    private static func checked(
        _ advertised: String, in network: LocalNetwork
    ) throws(CoordinatorError) -> String {
        let host = withoutBrackets(advertised)
        guard isHost(host) else {
            throw .badAdvertisedHost(
                advertised, reason: "it is not a name or a number alone, without a port")
        }
        if let number = LocalNetwork.number(host) {
            guard !["0.0.0.0", "::"].contains(number) else {
                throw .badAdvertisedHost(
                    advertised, reason: "it stands for all addresses, and leads to none")
            }
            return number
        }
        // Commands on this machine dial it as well.
        guard !network.numbers(of: host).isEmpty else {
            throw .badAdvertisedHost(advertised, reason: "no host has this name here")
        }
        return host
    }

    private static func withoutBrackets(_ host: String) -> String {
        host.first == "[" && host.last == "]" ? String(host.dropFirst().dropLast()) : host
    }

    /// Whether a text can be the host of an address.
    private static func isHost(_ text: String) -> Bool {
        // A number of version 6 has colons; a name or a number with a port has one too.
        let number = text.prefix { $0 != "%" }
        if text.contains(":"), !number.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) {
            return false
        }
        return (try? Address(Address(host: text, port: 1).text)) == Address(host: text, port: 1)
    }
}

extension ListeningHost: CustomStringConvertible {
    var description: String { name }
}

extension LocalNetwork {
    fileprivate func isOwn(_ number: String) -> Bool {
        Address.isLoopback(number) || interfaces.contains { $0.address == number }
    }
}
