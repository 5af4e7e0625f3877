import Foundation
import Messages
import ZeroMQ

/// Clients that greet a server together, and do so again until they are answered.
final class Crowd {
    private let place: Place
    private var clients: [Client] = []
    private var watch: Watch
    private var welcomed: [UInt64] = []

    private struct Client {
        var line: Line
        /// The first Hello of this wave, and when the last one was said.
        var first: UInt64 = 0
        var said: UInt64 = 0
        var isWelcome = true
    }

    /// How long it took until so many were welcomed, in seconds.
    struct Wave: Codable {
        var first = 0.0
        var half = 0.0
        var p99 = 0.0
        var all = 0.0
        /// What the server spent on processors meanwhile, and the clients did, in seconds.
        var serverProcessor = 0.0
        var loadProcessor = 0.0
        var serverMebibytes = 0.0
        /// Greetings that were said again because there was no answer for a second.
        var retries = 0
    }

    /// A Hello that had no answer for so long is said again.
    private static let patience: UInt64 = 1_000_000_000
    private static let timeBetweenLooks: UInt64 = 100_000_000
    private static let limit: UInt64 = 120_000_000_000

    init(_ place: Place, count: Int) throws {
        self.place = place
        watch = try Watch()
        for number in 0..<count {
            // As the clients of the library do. One Hello waits for the connection, not one for each
            // second that there was none.
            let pause = Duration.milliseconds(100) * Double.random(in: 1...2)
            let line = try Line(place, reconnect: pause ... .seconds(5), queue: 1, connects: false)
            try watch.add(line.socket.file(), number: number)
            clients.append(Client(line: line))
        }
    }

    /// Nobody is waited for: a socket connects by itself.
    func connect() throws {
        for client in clients { try client.line.connect(to: place, source: nil) }
    }

    func measure(_ server: ServerProcess) throws -> Wave {
        var wave = Wave()
        let (before, own) = (try server.processorTime(), ownProcessorTime())
        let start = monotonicNanoseconds()
        welcomed = []
        for number in clients.indices {
            clients[number].isWelcome = false
            clients[number].first = try clients[number].line.greet()
            clients[number].said = start
            try look(at: number)
        }
        var nextLook = start + Self.timeBetweenLooks
        while welcomed.count < clients.count {
            let now = monotonicNanoseconds()
            guard now < start + Self.limit else {
                throw LoadError(
                    "\(clients.count - welcomed.count) of \(clients.count) clients were not welcomed "
                        + "within two minutes.")
            }
            try watch.wait(milliseconds: 20) { try look(at: $0) }
            if now >= nextLook {
                wave.retries += try greetAgain(at: now)
                nextLook = now + Self.timeBetweenLooks
            }
        }
        func seconds(_ fraction: Double) -> Double {
            let index = Int((fraction * Double(welcomed.count)).rounded(.up)) - 1
            return Double(welcomed[max(0, index)] - start) / 1e9
        }
        wave.first = seconds(0)
        wave.half = seconds(0.5)
        wave.p99 = seconds(0.99)
        wave.all = seconds(1)
        wave.serverProcessor = try server.processorTime() - before
        wave.loadProcessor = ownProcessorTime() - own
        wave.serverMebibytes = try server.memory(.now)
        return wave
    }

    /// Takes what came for a client, which waiting for it again needs.
    private func look(at number: Int) throws {
        guard let answer = try clients[number].line.takeWelcome(),
            !clients[number].isWelcome, answer.id >= clients[number].first
        else { return }
        clients[number].isWelcome = true
        welcomed.append(monotonicNanoseconds())
    }

    /// - Returns: how many had to.
    private func greetAgain(at now: UInt64) throws -> Int {
        var count = 0
        for number in clients.indices
        where !clients[number].isWelcome && clients[number].said + Self.patience < now {
            _ = try clients[number].line.greet()
            clients[number].said = now
            try look(at: number)
            count += 1
        }
        return count
    }
}
