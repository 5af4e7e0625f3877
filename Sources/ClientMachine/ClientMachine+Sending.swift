import Messages

// What a machine sends and when, and when a link is given up.
extension ClientMachine {
    /// Does what is due.
    package mutating func tick(at now: Duration) -> [Action] {
        switch phase {
        case .absent:
            if let time = startTime, now >= time {
                phase = .connecting
                actions.append(.connect)
            }
        case .connecting: break
        case .greeting, .rejoining:
            for (id, call) in Self.due(openings, at: now) {
                guard let sent = send(call, at: now) else { break }
                openings[id] = sent
                if phase == .greeting { greetings = sent.attempts }
            }
        case .ready:
            beat(at: now)
            for (id, call) in Self.due(calls, at: now) where phase == .ready {
                if let sent = send(call, at: now) { calls[id] = sent }
            }
        }
        return drain()
    }

    /// When to call ``tick(at:)`` next; `nil` while nothing will be due by itself.
    package var due: Duration? {
        switch phase {
        case .absent: startTime
        case .connecting: nil
        case .greeting, .rejoining: openings.values.map(\.due).min()
        case .ready: nextInReady
        }
    }

    private var nextInReady: Duration? {
        let next = calls.values.map(\.due).min()
        guard !live.isEmpty else { return next }
        return min(next ?? nextHeartbeat, nextHeartbeat)
    }

    private var startTime: Duration? {
        guard isWanted || !calls.isEmpty || !held.isEmpty else { return nil }
        return switch start {
        case .atOnce: .zero
        case .after(let time): time
        case .again(let time): time
        }
    }

    /// In order of their ids.
    private static func due(
        _ calls: [UInt64: Call], at now: Duration
    ) -> [(key: UInt64, value: Call)] {
        calls.filter { $0.value.due <= now }.sorted { $0.key < $1.key }
    }

    // MARK: - What is sent

    mutating func greet(at time: Duration) {
        phase = .greeting
        var hello = WireHello()
        hello.minVersion = WireVersion.min
        hello.maxVersion = WireVersion.max
        hello.client = client
        // One that did not answer the greetings before is asked as rarely over this link.
        let (id, call) = newCall(.hello(hello), due: time, attempts: greetings)
        openings = [id: call]
    }

    /// Takes up again what is held since before a restart, or is ready.
    mutating func rejoin(at now: Duration) {
        phase = .rejoining
        openings = [:]
        for lease in untaken.sorted() {
            guard var join = held[lease] ?? nil else { continue }
            join.key = newKey()
            join.lease = lease
            let (id, call) = newCall(.join(join), due: now, lease: lease)
            openings[id] = call
        }
        if openings.isEmpty { becomeReady(at: now) }
    }

    mutating func becomeReady(at now: Duration) {
        phase = .ready
        // What was sent over a link that is gone is sent again, and was not missed on this one.
        for id in calls.keys {
            calls[id]?.due = now
            calls[id]?.misses = 0
        }
        actions.append(.ready)
    }

    /// - Returns: the call as it is then; `nil` when the link is given up instead.
    mutating func send(_ call: Call, at now: Duration) -> Call? {
        guard call.misses < timing.misses else {
            lose(at: now)
            return nil
        }
        var call = call
        call.due = now + timing.wait(call.attempts, chance())
        call.attempts += 1
        call.misses += 1
        actions.append(.send(call.frame))
        return call
    }

    /// At fixed intervals, whatever else is sent: not every request renews a lease.
    mutating func beat(at now: Duration) {
        guard now >= nextHeartbeat else { return }
        var rest = live[...]
        guard !rest.isEmpty else { return }
        guard unheardHeartbeats < timing.misses else { return lose(at: now) }
        unheardHeartbeats += 1
        nextHeartbeat = now + interval
        heartbeats = []
        while !rest.isEmpty {
            var heartbeat = WireHeartbeat()
            heartbeat.leases = Array(rest.prefix(Limits.heartbeatLeases))
            rest = rest.dropFirst(Limits.heartbeatLeases)
            let (id, call) = newCall(.heartbeat(heartbeat), due: now)
            heartbeats.insert(id)
            actions.append(.send(call.frame))
        }
    }

    /// Makes a new link after a pause, for what is there does not answer.
    private mutating func lose(at now: Duration) {
        losses += 1
        disconnect(.after(now + timing.pause(losses, chance())))
    }

    mutating func disconnect(_ start: Start) {
        self.start = start
        phase = .absent
        openings = [:]
        heartbeats = []
        actions.append(.disconnect)
    }

    /// - Parameter error: `nil` when the driver knows it.
    mutating func fail(_ error: WireError?) {
        for id in calls.keys.sorted() { actions.append(.refused(id, error)) }
        calls = [:]
        if phase != .absent { disconnect(.again(at: nil)) } else { start = .again(at: nil) }
    }
}
