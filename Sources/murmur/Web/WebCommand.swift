import ArgumentParser
import Foundation
import HTTP
import Histories
import Logging
import Metrics
import Web
import ZeroMQ

struct WebCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "Shows the populations of a coordinator in a browser.",
        discussion: """
              murmur web --data runs

            It prints an address with a token, for this machine's browsers. Whoever has it may look; \
            nobody can change anything there. It reads a data directory also when its coordinator is \
            not running, and goes on when that comes back.

            For other machines, let a proxy with TLS stand before it and name the host that \
            browsers see:

              murmur web --name board.example.org
            """)

    @Option(
        help: ArgumentHelp(
            "The port to listen at; 0 takes a free one. (default: 8787, or a free one)",
            valueName: "port"))
    var port: Int?

    @Option(help: "The address of this machine to listen at, as a number.")
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "A further host name by which browsers reach it, as through a proxy; repeat it for more.",
            valueName: "host"))
    var name: [String] = []

    @Flag(help: "With --host: others may read along what is not encrypted.")
    var insecure = false

    @Flag(help: .hidden)
    var held = false

    @OptionGroup var coordinator: CoordinatorOptions
    @OptionGroup var metrics: MetricsOptions

    static let usualPort = 8787

    func validate() throws {
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port \(port) is no port; use one from 0 to 65535.")
        }
        if !Self.isLoopback(host), !insecure {
            throw ValidationError(
                """
                At \(host) others can read the token and all that the page shows, for it is not \
                encrypted: let a proxy with TLS stand before 127.0.0.1 and name its host with \
                --name, or add --insecure if nobody reads along.
                """)
        }
        if ["0.0.0.0", "::"].contains(host), name.isEmpty {
            throw ValidationError(
                """
                --host \(host) listens at all addresses of this machine; say with --name by which \
                name browsers reach it.
                """)
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "::1" || host.hasPrefix("127.")
    }

    func run() async throws {
        try OpenFileLimit.ensure(OpenFileLimit.asking + Self.fewestConnections, for: "murmur web")
        Self.giveWay()
        let interruption = Interruption()
        let source = CoordinatorSource(
            place: try coordinator.place(), journal: coordinator.journal())
        let followed = FollowedCoordinator(source, version: Murmur.version)
        let server = try listen()
        let endpoint = try metrics.endpoint(logger: Logger(label: "murmur", to: .standardError))
        let names = name + (Self.isLoopback(host) ? [] : [host])
        let site = Site(followed, token: Token.random(), port: server.port, names: names)
        say(site.address(host: Self.isLoopback(host) ? host : names[0]))
        if let endpoint { OutputFile.say("Metrics are at \(endpoint.url).") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { await site.answer($0) } }
            group.addTask { try await followed.run() }
            if let endpoint {
                let page = ScrapedPage(of: site, version: Murmur.version)
                group.addTask { await endpoint.run(page) }
            }
            group.addTask { _ = await interruption.wait() }
            if held { group.addTask { await Self.waitForHolder() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Reports come first: whoever coordinates or trains on this machine gets its processors before
    /// the page does.
    private static func giveWay() {
        // On Linux each thread has a priority of its own, and hands it to those that it starts. One
        // that ended meanwhile needs none, and without /proc there is this one.
        let threads =
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        for thread in threads.compactMap(id_t.init) + [0] {
            setpriority(processPriority, thread, niceness)
        }
    }

    private static let niceness: Int32 = 10
    #if canImport(Glibc)
        private static let processPriority = __priority_which_t(PRIO_PROCESS.rawValue)
    #else
        private static let processPriority = PRIO_PROCESS
    #endif

    private func listen() throws -> HTTPServer {
        var limits = HTTPLimits()
        let files = OpenFiles.raiseLimit() ?? OpenFiles.limit ?? limits.connections
        limits.connections = min(
            limits.connections, max(Self.fewestConnections, files - OpenFileLimit.asking))
        do throws(HTTPServerError) {
            do throws(HTTPServerError) {
                return try HTTPServer(host: host, port: port ?? Self.usualPort, limits: limits)
            } catch .inUse where port == nil {
                return try HTTPServer(host: host, port: 0, limits: limits)
            }
        } catch {
            throw Failure("\(error)")
        }
    }

    private static let fewestConnections = 64

    private func say(_ address: String) {
        guard !held else { return OutputFile.exactly(address) }
        OutputFile.say("Look at \(address) until Ctrl-C; whoever has this address may look.")
    }

    /// The process that started this one has ended.
    private static func waitForHolder() async {
        await withCheckedContinuation { continuation in
            // A thread of its own, since reading blocks.
            Thread.detachNewThread {
                var byte: UInt8 = 0
                while true {
                    let count = read(STDIN_FILENO, &byte, 1)
                    if count == 0 || (count < 0 && errno != EINTR) { break }
                }
                continuation.resume()
            }
        }
    }
}
