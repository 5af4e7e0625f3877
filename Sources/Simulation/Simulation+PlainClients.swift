import Messages

/// A client that somebody else wrote, by what the wire allows: it asks again until there is an answer,
/// connects anew when it likes, and takes its lease up again whether or not the coordinator was away.
struct PlainClient {
    /// Among all that ask something.
    let number: Int
    /// Where its replies go.
    var connection: Int
    var outstanding: Outstanding?
    /// A report to send again, once the lease is taken up.
    var interrupted: WireReport?

    /// A request without an answer.
    struct Outstanding {
        var request: WireRequest
        var attempts = 0
    }
}

// What plain clients do.
extension Simulation {
    func newPlainClient(of worker: Int) -> PlainClient {
        let number = newClient()
        return PlainClient(number: number, connection: connect(.worker(worker)))
    }

    private func change(_ number: Int, _ body: (inout PlainClient) -> Void) {
        guard case .plain(var client) = workers[number].client else { return }
        body(&client)
        workers[number].client = .plain(client)
    }

    func askPlainly(_ body: WireRequest.OneOf_Body, by number: Int) throws {
        let request = newRequest(body)
        change(number) { $0.outstanding = PlainClient.Outstanding(request: request) }
        try send(outstandingOf: number)
    }

    private func send(outstandingOf number: Int) throws {
        guard case .plain(let client) = workers[number].client,
            let outstanding = client.outstanding
        else { return }
        try send(outstanding.request, by: client.number, from: client.connection)
        setAlarm(number, after: patience(attempts: outstanding.attempts))
    }

    func repeatRequest(_ number: Int) throws {
        guard case .plain(let client) = workers[number].client,
            let outstanding = client.outstanding
        else { return }
        if random.chance(scenario.reconnecting) {
            // What is under way over the old one arrives later.
            parties[client.connection] = nil
            let connection = connect(.worker(number))
            change(number) { $0.connection = connection }
            say("\(workers[number].name) connects again")
        }
        if case .report(let report) = outstanding.request.body, Bool.random(using: &random) {
            // The coordinator may be another one by now: the lease is taken up first.
            change(number) { $0.interrupted = report }
            var join = WireJoin()
            join.key = newKey()
            join.lease = report.lease
            say("\(workers[number].name) takes up its lease again")
            return try askPlainly(.join(join), by: number)
        }
        change(number) { $0.outstanding?.attempts += 1 }
        try send(outstandingOf: number)
    }

    func take(_ reply: WireReply, byPlainClientOf number: Int) throws {
        guard case .plain(let client) = workers[number].client,
            let request = client.outstanding?.request, request.id == reply.id
        else { return }
        if case .error(let error) = reply.body {
            // The same is asked again.
            if error.code == .unavailable || error.code == .noPopulation {
                change(number) { $0.outstanding?.attempts += 1 }
                return setAlarm(number, after: random.seconds(0.5...1.5))
            }
            change(number) { ($0.outstanding, $0.interrupted) = (nil, nil) }
            return try refused(error, number)
        }
        change(number) { $0.outstanding = nil }
        guard case .join(let join) = request.body, join.lease != 0 else {
            return try answered(reply, number)
        }
        guard let report = client.interrupted else { return }
        change(number) { $0.interrupted = nil }
        let lease = reply.directive.lease
        try expect(lease.token == report.lease, "another lease is given than was asked for")
        try expect(
            lease.sequence == report.sequence || lease.sequence + 1 == report.sequence,
            "after report \(report.sequence - 1) of a lease its sequence is \(lease.sequence)")
        try askPlainly(.report(report), by: number)
    }

    func beat(_ number: Int, _ life: Int) throws {
        let worker = workers[number]
        guard worker.life == life, case .plain(let client) = worker.client else { return }
        if isStopped(number) {
            return plan(
                .heartbeat(worker: number, life: life), after: worker.stoppedUntil - clock)
        }
        if let lease = worker.lease {
            let heartbeat = WireHeartbeat.with { $0.leases = [lease.token] }
            try send(newRequest(.heartbeat(heartbeat)), by: client.number, from: client.connection)
        }
        plan(.heartbeat(worker: number, life: life), after: scenario.settings.heartbeat)
    }
}
