import ClientMachine
import Messages

/// The client library's machine, and the link that it has.
struct MachineClient {
    /// Among all that ask something.
    let number: Int
    var machine: ClientMachine
    /// The link; `nil` while there is none, or it connects.
    var connection: Int?
    /// What the worker asked last.
    var request: UInt64 = 0
    /// When the machine is due next.
    var due: Duration?
}

// What drives the machines, as the client library's driver does: each is told what happens to its
// link, and what it wants is done.
extension Simulation {
    private static let timing = ClientMachine.Timing(
        retry: .seconds(1), retryLimit: .seconds(8), misses: 3, reconnect: .milliseconds(100),
        reconnectLimit: .seconds(5))
    private static let shortestWait = Duration.milliseconds(1)

    func newMachine() -> MachineClient {
        let machine = ClientMachine(
            timing: Self.timing, client: "simulated",
            chance: { [unowned self] in Double.random(in: 0..<1, using: &self.random) },
            newKey: { [unowned self] in self.newKey() })
        return MachineClient(number: newClient(), machine: machine)
    }

    /// Tells a worker's machine something, and does what it wants then, and what is due.
    private func drive(
        _ number: Int, _ tell: (inout MachineClient) throws -> [ClientMachine.Action]
    ) throws {
        guard case .machine(var client) = workers[number].client else { return }
        let actions = try tell(&client)
        workers[number].client = .machine(client)
        try carryOut(actions, number)
        try tick(number)
    }

    private func tick(_ number: Int) throws {
        while case .machine(var client) = workers[number].client {
            let actions = client.machine.tick(at: clock)
            let due = client.machine.due.map { max($0, clock + Self.shortestWait) }
            if let due, due != client.due { planMachine(number, at: due) }
            client.due = due
            workers[number].client = .machine(client)
            if actions.isEmpty { return }
            try carryOut(actions, number)
        }
    }

    private func planMachine(_ number: Int, at due: Duration) {
        plan(.machineDue(worker: number, life: workers[number].life), after: due - clock)
    }

    func wakeMachine(_ number: Int, _ life: Int) throws {
        guard workers[number].life == life, case .machine(var client) = workers[number].client,
            client.due == clock
        else { return }
        guard !isStopped(number) else {
            client.due = workers[number].stoppedUntil
            workers[number].client = .machine(client)
            return planMachine(number, at: workers[number].stoppedUntil)
        }
        try tick(number)
    }

    /// The link comes first, as whoever asked may ask again.
    private func carryOut(_ actions: [ClientMachine.Action], _ number: Int) throws {
        for action in actions { try work(action, number) }
        for action in actions { try tell(action, number) }
    }

    private func work(_ action: ClientMachine.Action, _ number: Int) throws {
        guard case .machine(let client) = workers[number].client else { return }
        switch action {
        case .connect: planLink(number, after: random.seconds(0.0005...0.02))
        case .disconnect: hangUp(number)
        case .send(let frame):
            guard let connection = client.connection, let request = WireRequest(bytes: frame) else {
                throw violation("\(workers[number].name) sends \(frame) without a link")
            }
            try send(request, by: client.number, from: connection)
        default: break
        }
    }

    private func tell(_ action: ClientMachine.Action, _ number: Int) throws {
        guard case .machine(let client) = workers[number].client else { return }
        switch action {
        case .answered(let id, let reply) where id == client.request:
            try answered(reply, number)
        case .refused(let id, let error?) where id == client.request:
            try refused(error, number)
        case .ready: say("\(workers[number].name) is welcome")
        case .leaseGone(let lease, _):
            say("\(workers[number].name) hears that its lease is over")
            try expect(
                storage.tables.leases[lease]?.state != .live,
                "\(workers[number].name) is told that a lease is over which is not")
        case .unasked, .failed:
            throw violation("\(workers[number].name) cannot go on: \(action)")
        // What gives back a lease that nobody asked for, and what is asked again by itself.
        case .answered, .refused, .unavailable: break
        case .connect, .disconnect, .send: break
        }
    }

    // MARK: What the worker wants

    func ask(_ body: WireRequest.OneOf_Body, by number: Int) throws {
        try drive(number) { client in
            client.request = try client.machine.ask(body, at: clock)
            return []
        }
    }

    /// Gives a request up that has no answer, and asks the same in another one.
    func askInstead(_ body: WireRequest.OneOf_Body, by number: Int) throws {
        try drive(number) { client in
            client.machine.giveUp(client.request)
            client.request = try client.machine.ask(body, at: clock)
            return []
        }
    }

    /// Has a lease kept alive and taken up again, instead of those before; `nil` for none.
    func hold(_ lease: UInt64?, for number: Int) throws {
        let rejoin = words(of: number)
        try drive(number) { client in
            for held in client.machine.leases where held != lease { client.machine.forget(held) }
            if let lease { client.machine.hold(lease, rejoin: rejoin, at: clock) }
            return []
        }
    }

    // MARK: The link

    private func planLink(_ number: Int, after time: Duration) {
        plan(.link(worker: number, life: workers[number].life), after: time)
    }

    /// A link connects, if somebody listens; else it is tried again.
    func link(_ number: Int, _ life: Int) throws {
        guard workers[number].life == life, case .machine(var client) = workers[number].client,
            client.connection == nil, client.machine.phase == .connecting
        else { return }
        if isStopped(number) {
            return planLink(number, after: workers[number].stoppedUntil - clock)
        }
        guard coordinator != nil, isHealed || !random.chance(scenario.loss) else {
            if !isHealed, random.chance(0.1) {
                return try drive(number) { $0.machine.handshakeFailed(at: clock) }
            }
            return planLink(number, after: random.seconds(0.1...1))
        }
        client.connection = connect(.worker(number))
        workers[number].client = .machine(client)
        try drive(number) { $0.machine.shakenHands(at: clock) }
    }

    private func hangUp(_ number: Int) {
        guard case .machine(var client) = workers[number].client else { return }
        if let connection = client.connection { parties[connection] = nil }
        client.connection = nil
        workers[number].client = .machine(client)
    }

    /// A link is gone, and its machine learns of it.
    func lose(_ connection: Int) throws {
        guard case .worker(let number) = parties[connection],
            case .machine = workers[number].client
        else { return }
        if isStopped(number) {
            return plan(.loss(connection), after: workers[number].stoppedUntil - clock)
        }
        say("\(workers[number].name) loses its link")
        summary.losses += 1
        hangUp(number)
        try drive(number) { $0.machine.broke(at: clock) }
    }

    /// Some see at once that the coordinator is gone. The others are behind something that keeps their
    /// connections, to the next one too.
    func loseLinks() {
        for case .machine(let client) in workers.map(\.client) {
            guard let connection = client.connection, random.chance(0.7) else { continue }
            plan(.loss(connection), after: random.seconds(0...0.2))
        }
    }

    func take(_ frame: [UInt8], byMachineOf number: Int) throws {
        try drive(number) { $0.machine.received(frame, at: clock) }
    }
}
