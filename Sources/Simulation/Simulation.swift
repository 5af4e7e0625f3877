import Coordinator
import Evolution
import Foundation
import HeapModule
import Logging
import Messages
import Records

/// A coordinator, its workers and monitors, on a simulated network, disk and clock, in one thread and
/// under one seed.
///
/// The code that decides and commits is the one that runs in production. First there are faults, and
/// after each turn it is looked at whether all holds that must; then the faults stop, and everything
/// must finish.
final class Simulation {
    let scenario: Scenario
    var random: SeededGenerator
    private let tell: ((String) -> Void)?

    // Time.
    private(set) var clock = Duration.zero
    private var agenda = Heap<Appointment>()
    private var appointments = 0
    /// There are no faults any more.
    var isHealed = false

    // The coordinator.
    let storage = SimulatedStorage()
    var coordinator: Process?
    var processes = 0
    var inbox: [(frame: [UInt8], connection: Int)] = []
    /// How far the wall clock is off.
    var wallOffset: Int64 = 0

    // Those around it.
    var workers: [SimulatedWorker] = []
    var administrator = SimulatedAdministrator()
    var monitors: [SimulatedMonitor] = []
    private var connections = 0
    private var clients = 0
    var parties: [Int: Party] = [:]
    var requests: UInt64 = 0

    // What is known of it all.
    var oracle: Oracle
    /// One for each population, by the coordinator's numbers.
    var replays: [SimulatedReplay] = []
    /// How many events they have followed.
    var followed = 0
    /// The newest life of each worker that has a place, of those that got a member.
    var lives: [Int: Int] = [:]
    /// Of those, the ones that the coordinator has heard of since its start.
    var heard: [Int: Int] = [:]
    var finished: Duration?
    var summary = SimulationSummary()

    /// A run of the coordinator.
    struct Process {
        let number: Int
        var pipeline: Pipeline<ConnectionNumber>
        /// When it was started.
        let start: Duration
        /// What had happened by then.
        let before: SimulationSummary
        var stoppedUntil = Duration.zero
        /// When its thread goes on.
        var turn: Duration?
        /// What is being committed.
        var commit: Commit?
        /// What is worked out for copies, and when it is done.
        var proposals: (result: ProposalWork.Result, end: Duration)?

        // The turn.
        /// Of the last event that was committed before.
        var sequence: Int
        /// Something had come before that was not answered.
        var owes = false
        var received = 0
        var replies: [WireReply] = []

        struct Commit {
            let fate: SimulatedStorage.Fate
            let end: Duration
        }

        mutating func beginTurn(after sequence: Int) {
            self.sequence = sequence
            owes = !pipeline.core.isBatchEmpty || pipeline.isStuck
            received = 0
            replies = []
        }
    }

    /// Whose connection it is.
    enum Party: Hashable {
        case worker(Int)
        case administrator
        case monitor(Int)
    }

    enum Happening {
        case arrival([UInt8], from: Int)
        case reply([UInt8], to: Int)
        case broadcast([UInt8], to: Int)
        case turn(process: Int)
        case start
        case alarm(Party, Int)
        /// Of a plain client.
        case heartbeat(worker: Int, life: Int)
        /// A worker's machine is due.
        case machineDue(worker: Int, life: Int)
        /// A worker's link connects.
        case link(worker: Int, life: Int)
        /// A worker's link is lost.
        case loss(Int)
        /// What befalls the machines, once a second.
        case fate
        case heal
    }

    private struct Appointment: Comparable {
        let time: Duration
        let order: Int
        let happening: Happening

        static func < (left: Self, right: Self) -> Bool {
            (left.time, left.order) < (right.time, right.order)
        }
        static func == (left: Self, right: Self) -> Bool { left.order == right.order }
    }

    /// - Parameter tell: takes a line for whatever happens.
    init(seed: UInt64, tell: ((String) -> Void)? = nil) {
        scenario = Scenario(seed: seed)
        random = SeededGenerator(seed: seed ^ 0x5eed)
        oracle = Oracle(scenario)
        self.tell = tell
        workers = (0..<scenario.workers).map(SimulatedWorker.init)
        monitors = scenario.populations.map { SimulatedMonitor(population: $0.name) }
    }

    // MARK: Running

    /// - Throws: `Violation` when something does not hold.
    func run() throws {
        say("\(scenario)")
        summary.populations = scenario.populations.count
        plan(.start, after: .zero)
        plan(.fate, after: .seconds(1))
        plan(.heal, after: scenario.length)
        try connectAdministrator()
        for number in monitors.indices { connectMonitor(number) }
        for number in workers.indices {
            plan(.alarm(.worker(number), 0), after: random.seconds(0.1...3))
        }
        while !isFinished {
            guard let next = agenda.popMin() else { throw violation("nothing happens any more") }
            clock = next.time
            try handle(next.happening)
            if clock > scenario.length + .seconds(2000) {
                throw violation("the faults are over, and the population does not finish")
            }
        }
        try checkEnd()
    }

    private func handle(_ happening: Happening) throws {
        switch happening {
        case .arrival(let frame, let connection): arrive(frame, from: connection)
        case .reply(let frame, let connection): try deliver(frame, to: connection)
        case .broadcast(let frame, let monitor): show(frame, to: monitor)
        case .turn(let process): try turn(of: process)
        case .start: try start()
        case .alarm(.worker(let number), let alarm): try wake(number, alarm)
        case .alarm(.administrator, let alarm): try wakeAdministrator(alarm)
        case .alarm(.monitor(let number), let alarm): try wakeMonitor(number, alarm)
        case .heartbeat(let number, let life): try beat(number, life)
        case .machineDue(let number, let life): try wakeMachine(number, life)
        case .link(let number, let life): try link(number, life)
        case .loss(let connection): try lose(connection)
        case .fate: befall()
        case .heal: heal()
        }
    }

    func plan(_ happening: Happening, after time: Duration) {
        appointments += 1
        agenda.insert(
            Appointment(time: clock + time, order: appointments, happening: happening))
    }

    /// - Returns: the number of a connection that was not there before.
    func connect(_ party: Party) -> Int {
        connections += 1
        parties[connections] = party
        return connections
    }

    /// - Returns: the number of one that asks something, and was not there before.
    func newClient() -> Int {
        clients += 1
        return clients
    }

    // MARK: Telling

    func say(_ text: @autoclosure () -> String) {
        guard let tell else { return }
        let milliseconds = clock.milliseconds
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000)
        let time = "\(seconds)." + ("000\(rest)").suffix(3)
        tell(String(repeating: " ", count: max(0, 9 - time.count)) + time + "  " + text())
    }

    func violation(_ what: String) -> Violation {
        Violation(time: clock, what: what)
    }

    func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        if !holds { throw violation(what()) }
    }
}

/// What does not hold, and when that was found.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package let time: Duration
    package let what: String

    package var description: String { "\(what), \(time) into the simulation" }
}
