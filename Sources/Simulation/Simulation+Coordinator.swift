import Coordinator
import Evolution
import Logging
import Messages

// The coordinator's process: it starts, does what its pipeline says, stands still, and is killed.
extension Simulation {
    /// The core, unless the coordinator is down.
    var core: Core? { coordinator?.pipeline.core }

    func start() throws {
        guard coordinator == nil else { return }
        let epoch = storage.beginEpoch()
        processes += 1
        let now = Moment(uptime: .zero, wall: wall)
        var pipeline = try Pipeline<ConnectionNumber>(
            settings: scenario.settings, limits: scenario.limits, epoch: epoch, storage: storage,
            now: now, tokens: SeededGenerator(seed: random.next()),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
        // The monitors want every topic.
        pipeline.audience.take([1])
        try followCommitted()
        heard = [:]
        coordinator = Process(
            number: processes, pipeline: pipeline, start: clock, before: summary,
            sequence: storage.sequence)
        say("the coordinator starts, epoch \(epoch)")
        try checkState()
        planTurn(after: .zero)
    }

    /// A message reaches it, if it is there.
    func arrive(_ frame: [UInt8], from connection: Int) {
        guard let process = coordinator else { return }
        inbox.append((frame, connection))
        // Its thread looks for messages when it is not waiting for its disk.
        if process.commit == nil { planTurn(after: random.seconds(0...0.002)) }
    }

    private func planTurn(after time: Duration) {
        guard let process = coordinator else { return }
        if let turn = process.turn, turn <= clock + time { return }
        coordinator?.turn = clock + time
        plan(.turn(process: process.number), after: time)
    }

    /// Its thread goes on, until it waits for something.
    func turn(of number: Int) throws {
        guard var process = coordinator, process.number == number, process.turn == clock else {
            return
        }
        coordinator?.turn = nil
        if process.stoppedUntil > clock { return planTurn(after: process.stoppedUntil - clock) }
        process.turn = nil
        // Out of its place, so that it is changed where it is.
        coordinator = nil
        let end = try carryOut(&process)
        coordinator = process
        switch end {
        case .waits(let time):
            try checkTurn(process)
            coordinator?.beginTurn(after: storage.sequence)
            planTurn(after: max(time, .milliseconds(1)))
        case .awaitsCommit(let time): planTurn(after: time)
        case .isKilled(let place): kill(place)
        }
    }

    /// What keeps the coordinator's thread from going on.
    private enum Pause {
        case waits(Duration)
        case awaitsCommit(Duration)
        case isKilled(String)
    }

    private func carryOut(_ process: inout Process) throws -> Pause {
        let now = Moment(uptime: clock - process.start, wall: wall)
        var left = drawReplies()
        if let (result, end) = process.proposals, end <= clock {
            process.proposals = nil
            process.pipeline.take(result)
        }
        while true {
            switch process.pipeline.next(at: now) {
            case .receive: receive(&process, at: now)
            case .commit(let changes, let inBackground):
                storage.begin(changes)
                let time = inBackground ? random.seconds(0...scenario.commitTime) : .zero
                process.commit = Process.Commit(fate: drawFate(), end: clock + time)
                if inBackground { continue }
                if let place = try endCommit(&process, at: now) { return .isKilled(place) }
            case .awaitCommit(let time):
                guard let commit = process.commit else { throw violation("nothing is committed") }
                if commit.end > clock {
                    return .awaitsCommit(min(time ?? .seconds(3600), commit.end - clock))
                }
                if let place = try endCommit(&process, at: now) { return .isKilled(place) }
            case .letOut(.send(let frame, let connection)):
                guard let reply = WireReply(bytes: frame) else {
                    preconditionFailure("a coordinator's replies can be read")
                }
                if left == 0 { return .isKilled("among its replies") }
                left -= 1
                process.replies.append(reply)
                try send(reply, to: Int(connection.number))
            case .letOut(.publish(let publication)): broadcast(publication)
            case .letOut(.admit): break
            case .settle: process.pipeline.didSettle()
            case .propose(let work):
                // A model takes too long, and any values may come of one: soon, late, or never.
                let result = work.guesses(seed: random.next())
                let time = random.chance(0.2) ? 0.0...600 : 0.0...2
                let isLost = random.chance(0.02)
                process.proposals = (result, isLost ? .seconds(1e9) : clock + random.seconds(time))
            case .wait(until: let end): return .waits(end - now.uptime)
            }
            if let misuse = storage.misuse { throw violation(misuse) }
        }
    }

    private func receive(_ process: inout Process, at now: Moment) {
        guard !inbox.isEmpty else { return process.pipeline.receivedAll() }
        let (frame, connection) = inbox.removeFirst()
        process.received += 1
        if process.pipeline.isCommitting { summary.overlaps += 1 }
        process.pipeline.receive(
            frame, from: ConnectionNumber(number: UInt32(connection)), as: Keyring.sharedUser,
            at: now)
    }

    /// - Returns: at what place the coordinator is killed, if it is.
    private func endCommit(_ process: inout Process, at now: Moment) throws -> String? {
        guard let commit = process.commit else { return nil }
        process.commit = nil
        let failure = storage.end(commit.fate)
        try followCommitted()
        if storage.isKilled {
            return "\(commit.fate == .killedAfter ? "after" : "before") its commit"
        }
        process.pipeline.endCommit(failure, at: now)
        guard failure != nil else { return nil }
        summary.refusedCommits += 1
        let isLate = commit.fate == .refusedLate
        say("the disk refuses\(isLate ? ", and has it all the same" : "")")
        return isLate && random.chance(0.3) ? "before it tries again" : nil
    }

    /// Looks at what came of a turn.
    private func checkTurn(_ process: Process) throws {
        if process.received == 1, process.replies.count == 1, !process.owes,
            process.pipeline.core.isBatchEmpty
        {
            try check(process.replies[0], since: process.sequence)
        }
        try checkState()
    }

    func kill(_ when: String) {
        guard coordinator != nil else { return }
        coordinator = nil
        inbox = []
        summary.kills += 1
        let comesBack = storage.recover(takingLate: Bool.random(using: &random))
        summary.resurfaced += comesBack ? 1 : 0
        let late = comesBack ? "; what it was to commit is on disk" : ""
        say("the coordinator is killed \(when)\(late)")
        loseLinks()
        plan(.start, after: isHealed ? .zero : random.seconds(0.05...8))
    }

    private func drawFate() -> SimulatedStorage.Fate {
        guard !isHealed else { return .durable }
        if random.chance(scenario.crash) {
            return Bool.random(using: &random) ? .killedBefore : .killedAfter
        }
        guard random.chance(scenario.failedCommit) else { return .durable }
        return Bool.random(using: &random) ? .refused : .refusedLate
    }

    /// How many replies leave before it is killed.
    private func drawReplies() -> Int {
        isHealed || !random.chance(scenario.crash) ? .max : .random(in: 0...2, using: &random)
    }

    private var wall: Int64 { 1_700_000_000_000 + clock.milliseconds + wallOffset }

    // MARK: Faults

    /// What befalls the machines in a second.
    func befall() {
        guard !isHealed else { return }
        plan(.fate, after: .seconds(1))
        if random.chance(scenario.kill) { kill("between two turns") }
        if random.chance(scenario.standstill) {
            let time = random.seconds(0.5...12)
            coordinator?.stoppedUntil = clock + time
            summary.standstills += 1
            say("the coordinator stands still for \(time)")
        }
        if random.chance(scenario.clockJump) {
            wallOffset += .random(in: -3_600_000...3_600_000, using: &random)
            summary.clockJumps += 1
            say("the wall clock jumps")
        }
        for number in workers.indices where workers[number].isAlive {
            if random.chance(scenario.workerKill) { kill(worker: number) }
            if random.chance(scenario.workerStandstill) {
                let time = random.seconds(0.5...20)
                workers[number].stoppedUntil = clock + time
                summary.standstills += 1
                say("worker \(workers[number].name) stands still for \(time)")
            }
            if random.chance(scenario.breaking), let link = workers[number].client?.connection {
                plan(.loss(link), after: .zero)
            }
        }
    }

    /// The faults stop: whoever was away is back, nobody keeps a member, and the population is
    /// active and has an end.
    func heal() {
        isHealed = true
        say("the faults stop")
        coordinator?.stoppedUntil = clock
        if coordinator != nil, coordinator?.turn == nil { planTurn(after: .zero) }
        for number in workers.indices {
            workers[number].stoppedUntil = clock
            // One that keeps a member which copies back for ever would train none of the others.
            if workers[number].keeps { kill(worker: number) }
        }
        planHealing()
    }
}
