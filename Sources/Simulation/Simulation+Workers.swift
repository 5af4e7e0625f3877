import Coordinator
import Foundation
import Messages

// What workers do.
extension Simulation {
    // MARK: Lives

    func wake(_ number: Int, _ alarm: Int) throws {
        guard workers[number].alarm == alarm else { return }
        if isStopped(number) {
            return plan(
                .alarm(.worker(number), alarm), after: workers[number].stoppedUntil - clock)
        }
        guard workers[number].isAlive else { return try begin(number) }
        if let asked = workers[number].asked { return try askAgain(asked, number) }
        guard workers[number].lease != nil else { return try join(number) }
        if !isHealed {
            if random.chance(scenario.leaving) { return try sayLeave(number) }
            let declines = workers[number].declined
            // What cannot be loaded on one machine cannot be loaded again soon.
            if random.chance(declines ? 0.5 : scenario.declining) { return try decline(number) }
            workers[number].declined = false
        }
        try report(number)
    }

    private func begin(_ number: Int) throws {
        let population = scenario.populations.randomElement(using: &random)!
        let keeps = !isHealed && (population.grows || random.chance(scenario.keeping))
        let isPlain = random.chance(scenario.plainClients)
        workers[number].begin(for: population.number, keeps: keeps)
        workers[number].client =
            isPlain ? .plain(newPlainClient(of: number)) : .machine(newMachine())
        say(
            "worker \(workers[number].name) starts for \(population.name)"
                + (isPlain ? " with a plain client" : "") + (keeps ? " and keeps its member" : ""))
        if isPlain {
            plan(
                .heartbeat(worker: number, life: workers[number].life),
                after: scenario.settings.heartbeat)
        }
        try join(number)
    }

    func kill(worker number: Int) {
        guard workers[number].isAlive else { return }
        say("worker \(workers[number].name) is killed")
        end(number)
    }

    private func end(_ number: Int) {
        if let connection = workers[number].client?.connection { parties[connection] = nil }
        workers[number].client = nil
        workers[number].asked = nil
        workers[number].lease = nil
        setAlarm(number, after: random.seconds(0.1...(isHealed ? 1 : 10)))
    }

    func isStopped(_ number: Int) -> Bool { workers[number].stoppedUntil > clock }

    func setAlarm(_ number: Int, after time: Duration) {
        workers[number].alarm += 1
        plan(.alarm(.worker(number), workers[number].alarm), after: time)
    }

    // MARK: Asking

    private func ask(_ number: Int, _ body: WireRequest.OneOf_Body) throws {
        workers[number].asked = body
        // Nothing else is waited for.
        workers[number].alarm += 1
        switch workers[number].client {
        case .machine:
            if !isHealed, random.chance(scenario.impatience) {
                setAlarm(number, after: random.seconds(1...15))
            }
            try ask(body, by: number)
        case .plain: try askPlainly(body, by: number)
        case nil: preconditionFailure("who asks is alive")
        }
    }

    private func askAgain(_ body: WireRequest.OneOf_Body, _ number: Int) throws {
        guard case .machine = workers[number].client else { return try repeatRequest(number) }
        say("\(workers[number].name) waits for an answer no longer, and asks anew")
        try askInstead(body, by: number)
    }

    /// What a worker says of itself when it joins.
    func words(of number: Int) -> WireJoin {
        let worker = workers[number]
        let population = scenario.populations[worker.population]
        var join = WireJoin()
        join.population = population.name
        join.worker = worker.name
        join.keeps = worker.keeps
        if number < scenario.placed { join.place = "place \(number)" }
        if population.grows { join.space = population.space }
        return join
    }

    private func join(_ number: Int) throws {
        var join = words(of: number)
        join.key = newKey()
        join.former = workers[number].former
        say("\(workers[number].name) joins")
        try ask(number, .join(join))
    }

    private func sayLeave(_ number: Int) throws {
        var leave = WireLeave()
        leave.key = newKey()
        leave.lease = workers[number].lease?.token ?? 0
        say("\(workers[number].name) leaves")
        try ask(number, .leave(leave))
    }

    private func decline(_ number: Int) throws {
        var decline = WireDecline()
        decline.key = newKey()
        decline.lease = workers[number].lease?.token ?? 0
        decline.reason = "simulated"
        summary.declines += 1
        workers[number].declined = true
        say("\(workers[number].name) declines what it was given")
        try ask(number, .decline(decline))
    }

    private func report(_ number: Int) throws {
        let worker = workers[number]
        guard let lease = worker.lease else { return }
        var report = WireReport()
        report.lease = lease.token
        report.sequence = worker.sequence + 1
        let isOnTime = isHealed || random.chance(0.7)
        let step = worker.step + (isOnTime ? 0 : .random(in: 0...2, using: &random))
        report.step = isOnTime ? max(lease.targetStep, UInt64(step)) : UInt64(step)
        report.score = drawScore()
        let id = oracle.newReport()
        if isHealed || random.chance(0.85) {
            report.checkpoint =
                scenario.reusesAddresses
                ? "/\(lease.member)/\(report.step)" : "/\(lease.member)/\(report.step)/\(id)"
            oracle.wrote(report.checkpoint)
        }
        report.effect = worker.effect
        report.released = worker.released
        report.metrics = [.with { ($0.name, $0.value) = (Oracle.metric, Double(id)) }]
        oracle.made(
            report, id: id, by: worker.name, for: Int(lease.member),
            of: scenario.populations[worker.population].name)
        say(
            """
            \(worker.name) reports member \(lease.member) at step \(report.step): \
            \(report.score)\(report.checkpoint.isEmpty ? "" : " in \(report.checkpoint)")
            """)
        try ask(number, .report(report))
    }

    /// NaN would not equal itself; an infinite score ranks as it does.
    private func drawScore() -> Double {
        if random.chance(0.05) { return Bool.random(using: &random) ? .infinity : -.infinity }
        return Double(Int.random(in: 0..<scenario.scores, using: &random))
    }

    // MARK: Answers

    /// Something comes for a worker.
    func take(_ reply: WireReply, _ frame: [UInt8], _ number: Int) throws {
        guard let client = workers[number].client else { return }
        if isStopped(number), let connection = client.connection {
            return plan(.reply(frame, to: connection), after: workers[number].stoppedUntil - clock)
        }
        switch client {
        case .machine: try take(frame, byMachineOf: number)
        case .plain: try take(reply, byPlainClientOf: number)
        }
    }

    /// What it asked is answered.
    func answered(_ reply: WireReply, _ number: Int) throws {
        guard let asked = workers[number].asked else { return }
        workers[number].asked = nil
        switch (asked, reply.body) {
        case (.report(let report), .directive(let directive)):
            oracle.acknowledged(report)
            workers[number].sequence = report.sequence
            workers[number].step = Int(report.step)
            if !report.checkpoint.isEmpty || report.effect == .declined {
                workers[number].effect = .unspecified
            }
            workers[number].released.removeAll { report.released.contains($0) }
            deal(with: directive.released, number)
            try follow(directive, number)
        case (_, .directive(let directive)):
            deal(with: directive.released, number)
            try follow(directive, number)
        case (.leave, .left):
            end(number)
        default:
            throw violation("\(workers[number].name) got an answer to something else: \(reply)")
        }
    }

    /// What it asked is refused.
    func refused(_ error: WireError, _ number: Int) throws {
        let asked = workers[number].asked
        workers[number].asked = nil
        switch error.code {
        case .noPopulation:
            setAlarm(number, after: random.seconds(0.5...1.5))
        case .unknownLease, .leaseLapsed:
            say("\(workers[number].name) lost its lease")
            summary.lostLeases += 1
            if case .leave = asked { return end(number) }
            workers[number].drop()
            // Whoever keeps its member may have its lease meanwhile.
            if !workers[number].keeps { try hold(nil, for: number) }
            try join(number)
        case .conflict where number < scenario.placed:
            // A Join of its own that was late came between, as if it were another worker's.
            say("\(workers[number].name) is shut out")
            end(number)
        default:
            throw violation("\(workers[number].name) is refused: \(error.code.name) \(error)")
        }
    }

    private func deal(with releases: [WireRelease], _ number: Int) {
        for release in releases {
            say("\(workers[number].name) deletes \(release.checkpoint)")
            oracle.deleted(release.checkpoint)
            if !workers[number].released.contains(release.number) {
                workers[number].released.append(release.number)
            }
        }
    }

    private func follow(_ directive: WireDirective, _ number: Int) throws {
        switch directive.assignment {
        case .same(let same):
            workers[number].lease?.targetStep = same.targetStep
            if case .exploit(let exploit) = directive.outcome {
                say("\(workers[number].name) is to copy member \(exploit.donor)")
                try load(exploit.checkpoint, number)
                workers[number].effect = drawEffect()
                if workers[number].effect == .applied {
                    workers[number].step = Int(exploit.step)
                }
            }
            train(number)
        case .lease(let lease):
            say("\(workers[number].name) gets member \(lease.member) at step \(lease.step)")
            if workers[number].lease?.token != lease.token { workers[number].drop() }
            workers[number].lease = lease
            workers[number].step = Int(lease.step)
            workers[number].sequence = lease.sequence
            workers[number].effect = lease.inherited ? drawEffect() : .unspecified
            try hold(lease.token, for: number)
            try load(lease.checkpoint, number)
            train(number)
        case .wait(let wait):
            workers[number].drop()
            if !workers[number].keeps { try hold(nil, for: number) }
            setAlarm(number, after: .milliseconds(Int64(wait.milliseconds)))
        case .stop(let stop):
            say("\(workers[number].name) stops: \(stop.reason)")
            workers[number].drop()
            try hold(nil, for: number)
            // As a job that is started again and again, or goes on to another population.
            if scenario.populations.count > 1, random.chance(0.5) { return end(number) }
            setAlarm(number, after: .seconds(3))
        case nil:
            throw violation("a directive without an assignment")
        }
    }

    private func drawEffect() -> WireEffect {
        !isHealed && random.chance(scenario.refusing) ? .declined : .applied
    }

    private func load(_ checkpoint: String, _ number: Int) throws {
        guard !checkpoint.isEmpty, let token = workers[number].lease?.token,
            storage.tables.leases[token]?.state == .live
        else { return }
        try expect(
            oracle.isThere(checkpoint),
            "\(workers[number].name) cannot load \(checkpoint), which was released")
    }

    private func train(_ number: Int) {
        setAlarm(number, after: random.seconds(0.1...1.5))
    }
}
