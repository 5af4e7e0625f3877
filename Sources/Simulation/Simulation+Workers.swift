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
        guard workers[number].isAlive else { return begin(number) }
        if workers[number].outstanding != nil { return repeatRequest(number) }
        guard workers[number].lease != nil else { return join(number) }
        if !isHealed {
            if random.chance(scenario.leaving) { return sayLeave(number) }
            let declines = workers[number].declined
            // What cannot be loaded on one machine cannot be loaded again soon.
            if random.chance(declines ? 0.5 : scenario.declining) { return decline(number) }
            workers[number].declined = false
        }
        report(number)
    }

    private func begin(_ number: Int) {
        let keeps = !isHealed && random.chance(scenario.keeping)
        workers[number].begin(keeps: keeps, connection: connect(.worker(number)))
        say("worker \(workers[number].name) starts\(keeps ? " and keeps its member" : "")")
        plan(
            .heartbeat(worker: number, life: workers[number].life),
            after: scenario.settings.heartbeat)
        join(number)
    }

    func kill(worker number: Int) {
        guard workers[number].isAlive else { return }
        say("worker \(workers[number].name) is killed")
        end(number)
    }

    private func end(_ number: Int) {
        parties[workers[number].connection] = nil
        workers[number].isAlive = false
        workers[number].outstanding = nil
        workers[number].lease = nil
        setAlarm(number, after: random.seconds(0.1...(isHealed ? 1 : 10)))
    }

    private func isStopped(_ number: Int) -> Bool { workers[number].stoppedUntil > clock }

    private func setAlarm(_ number: Int, after time: Duration) {
        workers[number].alarm += 1
        plan(.alarm(.worker(number), workers[number].alarm), after: time)
    }

    func beat(_ number: Int, _ life: Int) {
        let worker = workers[number]
        guard worker.life == life, worker.isAlive else { return }
        if isStopped(number) {
            return plan(
                .heartbeat(worker: number, life: life), after: worker.stoppedUntil - clock)
        }
        if let lease = worker.lease {
            let heartbeat = WireHeartbeat.with { $0.leases = [lease.token] }
            send(newRequest(.heartbeat(heartbeat)), from: worker.connection)
        }
        plan(.heartbeat(worker: number, life: life), after: scenario.settings.heartbeat)
    }

    // MARK: Asking

    private func ask(_ number: Int, _ body: WireRequest.OneOf_Body) {
        let request = newRequest(body)
        workers[number].outstanding = SimulatedWorker.Outstanding(request: request)
        say("  that is request \(request.id)")
        send(request, from: workers[number].connection)
        setAlarm(number, after: patience(attempts: 0))
    }

    private func repeatRequest(_ number: Int) {
        guard var outstanding = workers[number].outstanding else { return }
        outstanding.attempts += 1
        summary.retries += 1
        if random.chance(scenario.reconnecting) {
            // What is under way over the old one arrives later.
            parties[workers[number].connection] = nil
            workers[number].connection = connect(.worker(number))
            say("\(workers[number].name) connects again")
        }
        if case .report(let report) = outstanding.request.body,
            Bool.random(using: &random)
        {
            // The coordinator may be another one by now: the lease is taken up first.
            workers[number].interrupted = report
            var join = WireJoin()
            join.key = newKey()
            join.lease = report.lease
            say("\(workers[number].name) takes up its lease again")
            return ask(number, .join(join))
        }
        workers[number].outstanding = outstanding
        say("\(workers[number].name) asks again")
        send(outstanding.request, from: workers[number].connection)
        setAlarm(number, after: patience(attempts: outstanding.attempts))
    }

    private func join(_ number: Int) {
        let worker = workers[number]
        var join = WireJoin()
        join.key = newKey()
        join.population = Scenario.population
        join.worker = worker.name
        join.keeps = worker.keeps
        if number < scenario.placed { join.place = "place \(number)" }
        join.former = worker.former
        if scenario.grows { join.space = scenario.space }
        say("\(worker.name) joins")
        ask(number, .join(join))
    }

    private func sayLeave(_ number: Int) {
        var leave = WireLeave()
        leave.key = newKey()
        leave.lease = workers[number].lease?.token ?? 0
        say("\(workers[number].name) leaves")
        ask(number, .leave(leave))
    }

    private func decline(_ number: Int) {
        var decline = WireDecline()
        decline.key = newKey()
        decline.lease = workers[number].lease?.token ?? 0
        decline.reason = "simulated"
        summary.declines += 1
        workers[number].declined = true
        say("\(workers[number].name) declines what it was given")
        ask(number, .decline(decline))
    }

    private func report(_ number: Int) {
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
        oracle.made(report, id: id, by: worker.name, for: Int(lease.member))
        say(
            """
            \(worker.name) reports member \(lease.member) at step \(report.step): \
            \(report.score)\(report.checkpoint.isEmpty ? "" : " in \(report.checkpoint)")
            """)
        ask(number, .report(report))
    }

    /// NaN would not equal itself; an infinite score ranks as it does.
    private func drawScore() -> Double {
        if random.chance(0.05) { return Bool.random(using: &random) ? .infinity : -.infinity }
        return Double(Int.random(in: 0..<scenario.scores, using: &random))
    }

    // MARK: Answers

    func take(_ reply: WireReply, _ frame: [UInt8], _ number: Int) throws {
        if isStopped(number) {
            let connection = workers[number].connection
            return plan(.reply(frame, to: connection), after: workers[number].stoppedUntil - clock)
        }
        guard let outstanding = workers[number].outstanding, outstanding.request.id == reply.id
        else { return }
        if case .error(let error) = reply.body { return try take(error, number) }
        workers[number].outstanding = nil
        switch (outstanding.request.body, reply.body) {
        case (.join(let join), .directive(let directive)) where join.lease != 0:
            try takeUp(directive.lease, number)
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

    private func take(_ error: WireError, _ number: Int) throws {
        switch error.code {
        case .unavailable, .noPopulation:
            workers[number].outstanding?.attempts += 1
            setAlarm(number, after: random.seconds(0.5...1.5))
        case .unknownLease, .leaseLapsed:
            say("\(workers[number].name) lost its lease")
            summary.lostLeases += 1
            if case .leave = workers[number].outstanding?.request.body { return end(number) }
            workers[number].outstanding = nil
            workers[number].drop()
            join(number)
        case .conflict where number < scenario.placed:
            // A Join of its own that was late came between, as if it were another worker's.
            say("\(workers[number].name) is shut out")
            end(number)
        default:
            throw violation("\(workers[number].name) is refused: \(error.code.name) \(error)")
        }
    }

    /// The lease that it had, after the coordinator was away: the same one, and all that was
    /// acknowledged under it.
    private func takeUp(_ lease: WireLease, _ number: Int) throws {
        guard let report = workers[number].interrupted else { return }
        workers[number].interrupted = nil
        try expect(lease.token == report.lease, "another lease is given than was asked for")
        try expect(
            lease.sequence == report.sequence || lease.sequence + 1 == report.sequence,
            "after report \(report.sequence - 1) of a lease its sequence is \(lease.sequence)")
        ask(number, .report(report))
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
            try load(lease.checkpoint, number)
            train(number)
        case .wait(let wait):
            workers[number].drop()
            setAlarm(number, after: .milliseconds(Int64(wait.milliseconds)))
        case .stop(let stop):
            say("\(workers[number].name) stops: \(stop.reason)")
            workers[number].drop()
            // As a job that is started again and again.
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
