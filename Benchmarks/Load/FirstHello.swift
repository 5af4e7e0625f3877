import ArgumentParser
import Messages
import ZeroMQ

/// How soon a server answers that is started at the same moment.
struct FirstHello: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello",
        abstract: "Says Hello until it is answered, and prints how long that took.",
        discussion: """
            Choose a port that the system gives to nobody who connects, below 32768 on Linux: attempts \
            to reach one that nobody listens at yet may take the very port, or the broadcast's.
            """)

    @Argument(help: "The server's address, where nobody need listen yet.")
    var url: String

    @Flag(help: "Say \"ready\" on a line first, when it begins to connect.")
    var ready = false

    @Option(help: "How long to go on, in seconds.")
    var seconds = 300.0

    private static let pause = Duration.milliseconds(5)
    /// A Hello that had no answer for so long is said again.
    private static let patience: UInt64 = 1_000_000_000

    func validate() throws { try demand(seconds, "--seconds", in: 0.1...3600) }

    func run() throws {
        let place = try Place(url, sockets: 16)
        if ready { say("ready") }
        let start = monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        let line = try Line(place, reconnect: Self.pause...Self.pause, queue: 1)
        var watch = try Watch()
        try watch.add(line.socket.file(), number: 0)
        var answer: WireReply?
        while answer == nil {
            let said = monotonicNanoseconds()
            guard said < end else {
                throw LoadError("Nobody answered within \(seconds) seconds.")
            }
            _ = try line.greet()
            answer = try line.takeWelcome()?.reply
            while answer == nil, monotonicNanoseconds() < min(end, said + Self.patience) {
                try watch.wait(milliseconds: 20) { _ in answer = try line.takeWelcome()?.reply }
            }
        }
        let now = monotonicNanoseconds()
        try printAsJSON(
            Outcome(
                milliseconds: Double(now - start) / 1e6, monotonicNanoseconds: now,
                epoch: answer?.epoch ?? 0))
    }

    struct Outcome: Codable {
        /// From the first attempt to the answer.
        var milliseconds: Double
        /// When the answer came, by the clock that nobody sets, for who noted when the server began.
        var monotonicNanoseconds: UInt64
        /// The number of the coordinator's run.
        var epoch: UInt64
    }
}
