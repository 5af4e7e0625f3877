import ArgumentParser
import Messages
import ZeroMQ

/// Monitors of a population's board, also while it is loaded by another process.
struct Subscribers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receives a population's board many times, and measures how late it is.",
        discussion: """
            One worker more than the population has reports now and then. How late a board is counts \
            from the answer to its report to the first board that shows what was committed by then. \
            Its member is added before, and removed in the end.
            """)

    @Argument(help: "The server's address.")
    var url: String

    @Option(help: "The server's process, to count what it uses.")
    var server: Int

    @Option(help: "Monitors.")
    var count = 1

    @Option(help: "How long to measure, in seconds.")
    var seconds = 5.0

    @Option(help: "The population, which another process makes unless --members is said.")
    var population = "bench"

    @Option(help: "Make the population, with so many members.")
    var members: Int?

    /// The other process may have begun at the same moment.
    private static let patience = 30.0

    func validate() throws {
        try demand(count, "--count", in: 1...10_000)
        try demand(seconds, "--seconds", in: 0.5...3600)
        if let members { try demand(members, "--members", in: 1...1_000_000) }
    }

    func run() throws {
        OpenFiles.raiseLimit()
        let place = try Place(url, sockets: count + 16)
        let server = ServerProcess(id: server)
        _ = try server.processorTime()
        let port = try broadcastPort(of: place)
        let administration = try Administration(place)
        if let members { try administration.create(population, members: members) }
        try administration.addMember(to: population, within: Self.patience)
        let audience = try Audience(place, port: port, population: population, count: count)
        try audience.settle()
        let outcome = try audience.measure(seconds: seconds, server: server)
        try administration.remove(audience.member, of: population)
        try printAsJSON(outcome)
    }

    private func broadcastPort(of place: Place) throws -> UInt16 {
        let line = try Line(place)
        _ = try line.greet()
        let reply = try line.awaitReply(seconds: 10)
        guard case .welcome(let welcome) = reply.body,
            let port = UInt16(exactly: welcome.broadcastPort), port > 0
        else { throw LoadError("There is no broadcast: \(reply.complaint)") }
        return port
    }

    struct Outcome: Codable {
        var count = 0
        var seconds = 0.0
        /// Of each monitor, and of the one with the fewest.
        var boardsPerSecond = 0.0
        var fewestBoardsPerSecond = 0.0
        /// To each monitor, without what encryption adds.
        var bytesPerSecond = 0.0
        /// In bytes.
        var largestBoard = 0
        /// Boards that did not arrive, of all monitors.
        var missed = 0
        /// Reports that were looked for on every monitor's boards.
        var traces = 0
        /// From a report's answer to the board that shows it, in milliseconds.
        var lagP50 = 0.0
        var lagP99 = 0.0
        var lagMost = 0.0
        /// What the server spent meanwhile, as a part of one processor.
        var serverProcessor = 0.0
        var loadProcessor = 0.0
    }
}
