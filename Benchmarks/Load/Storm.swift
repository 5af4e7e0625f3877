import ArgumentParser
import ZeroMQ

/// Clients that all come at once.
struct Storm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connects many clients at once, and measures until all were welcomed.",
        discussion: """
            With --again it says "connected" on a line when all were, and waits for a line "again", or \
            "again PID" when another process serves from then on. That is to be said when the server \
            was ended and started anew while the clients hold on.
            """)

    @Argument(help: "The server's address.")
    var url: String

    @Option(help: "The server's process, to count what it uses.")
    var server: Int

    @Option(help: "Clients.")
    var count = 1000

    @Flag(help: "Measure their return to a server that was started anew, too.")
    var again = false

    func validate() throws { try demand(count, "--count", in: 1...20_000) }

    func run() throws {
        OpenFiles.raiseLimit()
        let crowd = try Crowd(Place(url, sockets: count + 16), count: count)
        var outcome = Outcome()
        outcome.count = count
        try crowd.connect()
        outcome.first = try crowd.measure(ServerProcess(id: server))
        if again {
            say("connected")
            outcome.again = try crowd.measure(try nextServer())
        }
        try printAsJSON(outcome)
    }

    /// Waits for the word to go on.
    private func nextServer() throws -> ServerProcess {
        let words = readLine()?.split(separator: " ") ?? []
        guard words.first == "again", words.count <= 2 else {
            throw LoadError("The input ended, or had something else than \"again\" and a process.")
        }
        guard words.count == 2 else { return ServerProcess(id: server) }
        guard let id = Int(words[1]) else { throw LoadError("\(words[1]) is no process.") }
        return ServerProcess(id: id)
    }

    struct Outcome: Codable {
        var count = 0
        var first: Crowd.Wave?
        var again: Crowd.Wave?
    }
}
