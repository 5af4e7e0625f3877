import ArgumentParser
import Coordinator
import Foundation
import Histories
import Messages
import Murmuration

struct Invite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets somebody in with a key of their own, and prints the address for it.",
        discussion: """
              murmur invite --role worker --population digits --expires 7d --label gpu-cluster

            The address is for MURMUR_URL or a job's secret store. It holds a secret that is shown \
            this once and kept nowhere: whoever has it may do what the invitation says. murmur keys \
            lists what was invited, and revokes it. The coordinator must serve with --invitations.
            """)

    @Option(
        help: """
            worker joins and reports in its populations and reads them; monitor reads them and \
            subscribes; admin may do everything.
            """)
    var role: Role

    @Option(
        name: .customLong("population"),
        help: ArgumentHelp(
            "A population that the key is for; may be given several times.", valueName: "name"))
    var populations: [String] = []

    @Flag(help: "For all populations, also those to come.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "How long it is good for. (default: until it is revoked)", valueName: "time"),
        transform: Duration.init(text:))
    var expires: Duration?

    @Option(help: ArgumentHelp("For people: who has it.", valueName: "text"))
    var label = ""

    @Option(
        help: "The host name to put into the address. (default: where the coordinator listens)")
    var host: String?

    @Option(
        help: ArgumentHelp(
            "Write the address into a new file that only you can read, instead of printing it.",
            valueName: "file"))
    var out: String?

    @OptionGroup(title: "Limits of the key") var quota: QuotaOptions

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        let isForAll = all || role == .admin
        guard !isForAll || populations.isEmpty else {
            throw ValidationError(
                role == .admin
                    ? "An admin has all populations; leave out --population."
                    : "--all and --population exclude each other; use one of them.")
        }
        guard isForAll || !populations.isEmpty else {
            throw ValidationError(
                "A \(role.rawValue) needs --population NAME, or --all for every population.")
        }
        if let name = populations.first(where: { !Limits.isName($0) }) {
            throw ValidationError(
                """
                '\(name)' cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, dashes and underscores.
                """)
        }
        if let host { _ = try Self.host(host) }
        guard out?.isEmpty != true else { throw ValidationError("--out names no file.") }
        guard label.utf8.count <= Limits.labelBytes else {
            throw ValidationError("A label has at most \(Limits.labelBytes) bytes; shorten it.")
        }
    }

    func run() async throws {
        if let out { try Self.check(out) }
        let names = populations.isEmpty ? nil : Array(Set(populations)).sorted()
        let host = try host.map(Self.host)
        let (url, key, missing) = try await Administrator.with(coordinator.address()) {
            administrator in
            let known = try await administrator.populations().map(\.name)
            let (url, key) = try await administrator.invite(
                role, to: names, for: expires, label: label, quota: quota.quota, host: host)
            return (url, key, (names ?? []).filter { !known.contains($0) })
        }
        if let out {
            do {
                try PrivateFile.create(url, at: out)
            } catch {
                throw Self.lost(key, "\(out) cannot be written")
            }
        } else if OutputFile.write(url + "\n", to: STDOUT_FILENO) != nil {
            throw Self.lost(key, "Standard output cannot be written")
        }
        OutputFile.warn(KeyTable.sentence(inviting: key))
        for name in missing {
            OutputFile.warn(
                "There is no population \(name) yet; the key is for it when it is made.")
        }
    }
}

extension Invite {
    /// What is said does not repeat it, for whoever gives a whole address here gives a secret.
    private static func host(_ text: String) throws -> String {
        guard let address = try? Address("murmur://\(text):1"),
            address == Address(host: address.host, port: 1)
        else {
            throw ValidationError(
                "--host takes a name or a number alone, without a port; ::1 is written as [::1].")
        }
        return address.host
    }

    private static func lost(_ key: InvitedKey, _ obstacle: String) -> Failure {
        Failure(
            """
            \(obstacle), and the invitation is lost; revoke it with murmur keys revoke \
            \(key.id.prefix(KeyTable.idLength)), and invite into another place.
            """)
    }

    /// Before anybody is invited whose address could not be written then.
    private static func check(_ out: String) throws {
        let files = FileManager.default
        guard !files.fileExists(atPath: out) else {
            throw Failure("\(out) is there already; name another file, or remove it.")
        }
        let directory = URL(filePath: out).deletingLastPathComponent().path
        var isDirectory: ObjCBool = false
        guard files.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue,
            files.isWritableFile(atPath: directory)
        else {
            throw Failure(
                "\(out) cannot be written; name a file in a directory that you may write to.")
        }
    }
}

/// What a key may use up, as options.
struct QuotaOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests under way at one time. (default: 256; 64 for a monitor)", valueName: "n"))
    var maxRequests: Int?

    @Option(
        help: ArgumentHelp(
            "Joins and declines in a second, after a rush of 100 times as many. (default: 50)",
            valueName: "n"))
    var maxJoins: Int?

    @Option(
        help: ArgumentHelp(
            "Populations that it makes. (default: 1000 for an admin, 1 for a worker)",
            valueName: "n"))
    var maxPopulations: Int?

    @Option(
        help: ArgumentHelp(
            "Members that it makes. (default: 1000000 for an admin, 10000 for a worker)",
            valueName: "n"))
    var maxMembers: Int?

    func validate() throws {
        for (name, value, least) in [
            ("--max-requests", maxRequests, 1), ("--max-joins", maxJoins, 1),
            ("--max-populations", maxPopulations, 0), ("--max-members", maxMembers, 0),
        ] {
            guard let value, !(least...Int(Limits.quota)).contains(value) else { continue }
            throw ValidationError("\(name) is a number from \(least) to \(Limits.quota).")
        }
    }

    var quota: KeyQuota {
        KeyQuota(
            outstanding: maxRequests, joinsPerSecond: maxJoins, populations: maxPopulations,
            members: maxMembers)
    }
}

extension Role: ExpressibleByArgument {}
