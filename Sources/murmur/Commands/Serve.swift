import ArgumentParser
import Coordinator
import Foundation
import Logging
import Messages
import Metrics

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves populations to workers.",
        discussion: """
            On this machine alone, without encryption:

              murmur serve

            For others, who all share a secret and may do everything:

              export MURMUR_SECRET=$(murmur keys generate)
              murmur serve --host 0.0.0.0

            For others, each with a key and rights of their own (murmur invite):

              murmur serve --host 0.0.0.0 --invitations

            Its address, with the secret, is in the file `url` of the data directory, which only \
            its owner can read. Ctrl-C stops it; started again, it goes on where it was.
            """)

    @Option(
        help: """
            Where to listen: an address or a name of this machine, or a network interface; 0.0.0.0 \
            for all of this machine, with a secret or invitations.
            """)
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            """
            The host that others dial, as a name or a number. (default: where it listens; of all of \
            this machine its name, or its address when the name leads nowhere)
            """,
            valueName: "host"))
    var advertise: String?

    @Option(help: "The port for workers; 0 takes a free one.")
    var port = Int(Address.defaultPort)

    @Option(
        help: ArgumentHelp(
            "The port of the live leaderboards. (default: the next after --port)",
            valueName: "port"))
    var broadcastPort: Int?

    @Option(
        help: ArgumentHelp(
            "The directory of its journal; it is made when it is missing.", valueName: "dir"))
    var data = DataDirectory.serve

    @Option(
        help: ArgumentHelp(
            "A file with the secret, instead of MURMUR_SECRET; only you may read it.",
            valueName: "file"))
    var secretFile: String?

    @Flag(
        help: """
            Let in who is invited (murmur invite), at a port of its own; a directory that once did \
            goes on doing so.
            """)
    var invitations = false

    @Option(
        help: ArgumentHelp(
            "The port for who is invited. (default: the second after --port)", valueName: "port"))
    var invitationsPort: Int?

    @Flag(
        help: """
            Serve others without a secret or invitations: nothing is encrypted, and everybody may \
            do everything.
            """)
    var insecure = false

    @Option(
        help: ArgumentHelp(
            "How often workers show that they are there. (default: 10s)", valueName: "time"),
        transform: Duration.init(text:))
    var heartbeat = Duration.seconds(10)

    @Option(
        help: ArgumentHelp(
            "How long a member stays with a worker of which nothing is heard. (default: 60s)",
            valueName: "time"),
        transform: Duration.init(text:))
    var lease = Duration.seconds(60)

    @OptionGroup var metrics: MetricsOptions

    @Option(
        help: ArgumentHelp(
            "A population to make of the search space that the first worker brings.",
            discussion: """
                Each worker that keeps its member, as PBTClient does, joins it as a new one.
                """,
            valueName: "name"))
    var open: String?

    @Flag(help: "With --open: the lowest score is best.")
    var minimize = false

    @Flag(help: "Show it in a browser too, as murmur web does, until it ends.")
    var web = false

    func validate() throws {
        if let open, !Limits.isName(open) {
            throw ValidationError(
                """
                '\(open)' cannot name a population; use 1 to \(Limits.nameBytes) letters, digits, \
                dots, dashes and underscores.
                """)
        }
        guard open != nil || !minimize else {
            throw ValidationError(
                "--minimize goes with --open; murmur create has it for other populations.")
        }
        for (name, port) in [
            ("--port", port), ("--broadcast-port", broadcastPort ?? 0),
            ("--invitations-port", invitationsPort ?? 0),
        ] {
            guard (0...65_535).contains(port) else {
                throw ValidationError("\(name) \(port) is no port; use one from 0 to 65535.")
            }
        }
        guard broadcastPort ?? 0 == 0 || broadcastPort != port else {
            throw ValidationError("The workers' port and the broadcast's must differ.")
        }
        guard invitationsPort ?? 0 == 0 || ![port, broadcastPort].contains(invitationsPort) else {
            throw ValidationError("The port for who is invited must differ from the others.")
        }
        guard !insecure || !invitations else {
            throw ValidationError(
                "--insecure lets everybody in, and --invitations some; leave out one of them.")
        }
        guard lease > heartbeat else {
            throw ValidationError("--lease must be longer than --heartbeat.")
        }
    }

    func run() async throws {
        try TextPaths.checkWorkingDirectory()
        try OpenFileLimit.ensure(OpenFileLimit.serving, for: "murmur serve")
        // A limit on the size of files is then an error of the disk, for which there is a sentence.
        signal(SIGXFSZ, SIG_IGN)
        let isNew = !DataDirectory.holdsJournal(data)
        var configuration = Coordinator.Configuration(
            data: data, secret: try Secret.find(file: secretFile),
            logger: Logger(label: "murmur", to: .standardError))
        configuration.host = host
        configuration.advertisedHost = advertise
        configuration.port = port
        configuration.broadcastPort = broadcastPort
        configuration.invitations = invitations
        configuration.invitationsPort = invitationsPort
        configuration.isInsecure = insecure
        configuration.heartbeat = heartbeat
        configuration.lease = lease
        configuration.open = open.map { OpenPopulation(name: $0, minimize: minimize) }

        let interruption = Interruption()
        let endpoint = try metrics.endpoint(logger: configuration.logger)
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        greet(at: try Address(coordinator.url ?? ""), isNew: isNew)
        if let endpoint { OutputFile.say("Metrics are at \(endpoint.url).") }
        if web {
            do {
                try await PageProcess.start(data: data)
            } catch {
                await coordinator.shutDown()
                throw error
            }
        }
        let page = ScrapedPage(of: coordinator, data: data, version: Murmur.version)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            if let endpoint { group.addTask { await endpoint.run(page) } }
            group.addTask {
                // Without a signal the coordinator has ended by itself.
                guard await interruption.wait() != nil else { return }
                await coordinator.shutDown()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func greet(at address: Address, isNew: Bool) {
        let file = "\(data)/\(Coordinator.urlFileName)"
        let secrecy = address.credential == nil ? ", not encrypted" : ""
        OutputFile.say("Serving at \(address)\(secrecy); the whole address is in \(file).")
        guard isNew, isatty(STDOUT_FILENO) == 1 else { return }
        let others =
            switch (address.credential, address.isLoopback) {
            case (.invitation, _):
                "To let others in: murmur invite --role worker --population NAME --data \(data)"
            case (_, true):
                "Other machines reach it with --host 0.0.0.0 and a secret in MURMUR_SECRET."
            case (_, false):
                "Other machines take the same address."
            }
        let lines = [
            "",
            "To make a population, on this machine:",
            "  murmur create NAME --space FILE --data \(data)",
            "To train its members, with as many workers as you like:",
            "  MURMUR_URL=$(cat \(file)) murmur work --workers 4 -- python3 train.py",
            others,
            "",
        ]
        for line in lines { OutputFile.say(line) }
    }
}
