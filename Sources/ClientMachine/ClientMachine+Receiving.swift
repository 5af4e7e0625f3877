import Messages

// What a machine makes of what comes.
extension ClientMachine {
    package mutating func received(_ frame: [UInt8], at now: Duration) -> [Action] {
        do throws(WireError) {
            let reply = try WireReply(frame: frame)
            unheardHeartbeats = 0
            try take(reply, at: now)
        } catch {
            // What cannot be read may be the answer to anything, and would be the same again.
            fail(error)
            actions.append(.failed(error))
        }
        return drain()
    }

    private mutating func take(_ reply: WireReply, at now: Duration) throws(WireError) {
        if let opening = openings[reply.id] {
            if reply.refusal?.code == .unavailable {
                openings[reply.id]?.misses = 0
            } else if let lease = opening.lease {
                rejoined(lease, reply, at: now)
            } else {
                try greeted(reply, at: now)
            }
            return
        }
        guard reply.epoch == epoch else {
            // Requests are safe to repeat, and the leases are taken up first.
            if phase == .ready { greet(at: now) }
            return
        }
        if reply.id == Self.unasked {
            actions.append(.unasked(reply))
        } else if heartbeats.remove(reply.id) != nil {
            heardOfLeases(reply)
        } else if let call = calls[reply.id] {
            answered(call, reply)
        }
    }

    /// Requests are numbered from 1.
    private static let unasked: UInt64 = 0

    private mutating func greeted(_ reply: WireReply, at now: Duration) throws(WireError) {
        if let refusal = reply.refusal { throw refusal }
        guard case .welcome(let welcome) = reply.body else {
            throw WireError(
                .malformed,
                """
                What listens there answers a greeting with something else; correct the address, or \
                update the older side.
                """)
        }
        self.welcome = welcome
        losses = 0
        greetings = 0
        let milliseconds = Int64(welcome.heartbeatMilliseconds)
        interval = milliseconds == 0 ? Self.usualInterval : .milliseconds(milliseconds)
        spread = .milliseconds(Int64(welcome.returnMilliseconds))
        nextHeartbeat = now
        if epoch != 0, reply.epoch != epoch { untaken = Set(live) }
        epoch = reply.epoch
        rejoin(at: now)
    }

    private mutating func rejoined(_ lease: UInt64, _ reply: WireReply, at now: Duration) {
        openings[reply.id] = nil
        untaken.remove(lease)
        let given = reply.directive.lease.token
        if given != lease {
            // The next report is told that the lease is gone, and the worker then joins anew.
            let message = reply.refusal.flatMap { $0.code == .unauthorized ? $0.message : nil }
            note(gone: [lease], message: message)
            // One that was granted instead would keep its member idle until then.
            if given != 0 { giveBack(given, at: now) }
        }
        if openings.isEmpty { becomeReady(at: now) }
    }

    private mutating func giveBack(_ lease: UInt64, at now: Duration) {
        var leave = WireLeave()
        leave.key = newKey()
        leave.lease = lease
        let (id, call) = newCall(.leave(leave), due: now)
        calls[id] = call
    }

    private mutating func heardOfLeases(_ reply: WireReply) {
        if let refusal = reply.refusal, refusal.code == .unauthorized {
            note(gone: live, message: refusal.message)
        } else {
            note(gone: reply.alive.gone, message: nil)
        }
    }

    private mutating func note(gone leases: [UInt64], message: String?) {
        for lease in leases where held.keys.contains(lease) {
            guard gone.insert(lease).inserted else { continue }
            actions.append(.leaseGone(lease, message: message))
        }
    }

    private mutating func answered(_ call: Call, _ reply: WireReply) {
        guard let refusal = reply.refusal else {
            calls[reply.id] = nil
            actions.append(.answered(reply.id, reply))
            return
        }
        guard refusal.code == .unavailable else {
            calls[reply.id] = nil
            actions.append(.refused(reply.id, refusal))
            return
        }
        calls[reply.id]?.misses = 0
        calls[reply.id]?.refusal = refusal
        if call.attempts == 1 { actions.append(.unavailable(reply.id, refusal)) }
    }
}

extension WireReply {
    fileprivate var refusal: WireError? {
        if case .error(let error) = body { error } else { nil }
    }
}
