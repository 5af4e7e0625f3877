import Evolution
import Logging
import Messages

// The coordinator's process: it starts, takes its turns, stands still, and is killed.
extension Simulation {
    /// The core, unless the coordinator is down.
    var core: Core? { coordinator?.core.core }

    func start() throws {
        guard coordinator == nil else { return }
        let epoch = storage.beginEpoch()
        processes += 1
        let now = Moment(uptime: .zero, wall: wall)
        let core = try DurableCore(
            settings: scenario.settings, epoch: epoch, storage: storage, now: now,
            tokens: SeededGenerator(seed: random.next()),
            logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
        coordinator = Process(number: processes, core: core, start: clock)
        say("the coordinator starts, epoch \(epoch)")
        try checkState()
        planTurn(after: .zero)
    }

    /// A message reaches it, if it is there.
    func arrive(_ frame: [UInt8], from connection: Int) {
        guard coordinator != nil else { return }
        inbox.append((frame, connection))
        planTurn(after: random.seconds(0...0.002))
    }

    private func planTurn(after time: Duration) {
        guard let process = coordinator else { return }
        if let turn = process.turn, turn <= clock + time { return }
        coordinator?.turn = clock + time
        plan(.turn(process: process.number), after: time)
    }

    func turn(of number: Int) throws {
        guard var process = coordinator, process.number == number, process.turn == clock else {
            return
        }
        coordinator?.turn = nil
        if process.stoppedUntil > clock { return planTurn(after: process.stoppedUntil - clock) }
        // Out of its place, so that it is changed where it is.
        coordinator = nil
        let sequence = storage.sequence
        let requests = inbox
        inbox = []
        let fate = drawFate()
        storage.fate = fate
        let most = drawReplies()
        var replies: [(connection: Int, reply: WireReply)] = []
        let now = Moment(uptime: clock - process.start, wall: wall)
        // The rest comes while the first are committed.
        let first = requests.prefix(drawBatch(of: requests.count))
        func receive(_ requests: ArraySlice<(frame: [UInt8], connection: Int)>) {
            for (frame, connection) in requests {
                let number = ConnectionNumber(number: UInt32(truncatingIfNeeded: connection))
                process.core.receive(
                    frame, from: Peer(number: connection, connection: number),
                    as: Keyring.sharedUser, at: now)
            }
        }
        func answer() {
            process.core.answer { peer, frame in
                guard !storage.isKilled else { return }
                guard let reply = WireReply(bytes: frame) else {
                    preconditionFailure("a coordinator's replies can be read")
                }
                replies.append((peer.number, reply))
            }
        }
        receive(first)
        if let changes = process.core.beginCommit(at: now) {
            answer()
            let failure = storage.failure(ofCommitting: changes)
            receive(requests[first.endIndex...])
            process.core.endCommit(failure, at: now)
        } else {
            receive(requests[first.endIndex...])
        }
        let owed = process.owes
        // As in production, the next batch may be on its way to the disk before answers leave.
        process.owes =
            !process.core.core.isBatchEmpty && !process.core.hasQueries
            && !process.core.isStuck && random.chance(0.5)
        if !process.owes { answer() }
        process.turn = nil
        if !storage.isKilled, replies.count <= most {
            for publication in process.core.takePublications() { broadcast(publication) }
        }
        let wait = process.core.timeToTurn(at: now)
        coordinator = process
        let isKilled = storage.isKilled || replies.count > most
        try checkCommitted()
        for (connection, reply) in replies.prefix(most) { try send(reply, to: connection) }
        if isKilled {
            let place =
                !storage.isKilled
                ? "among its replies" : "\(fate == .killedAfter ? "after" : "before") its commit"
            return kill(place)
        }
        if process.core.isStuck {
            summary.refusedCommits += 1
            say("the disk refuses\(fate == .refusedLate ? ", and has it all the same" : "")")
            if fate == .refusedLate, random.chance(0.3) { return kill("before it tries again") }
        }
        if requests.count == 1, replies.count == 1, !owed, process.core.core.isBatchEmpty {
            try check(replies[0].reply, since: sequence)
        }
        try checkState()
        planTurn(after: max(wait, .milliseconds(1)))
    }

    func kill(_ when: String) {
        guard coordinator != nil else { return }
        coordinator = nil
        inbox = []
        summary.kills += 1
        let comesBack = storage.recover(takingLate: Bool.random(using: &random))
        summary.resurfaced += comesBack ? 1 : 0
        say("the coordinator is killed \(when)\(comesBack ? "; what was refused is on disk" : "")")
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

    /// How many of the requests are in the next batch.
    private func drawBatch(of requests: Int) -> Int {
        random.chance(0.7) ? requests : .random(in: 0...requests, using: &random)
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
