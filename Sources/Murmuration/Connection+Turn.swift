import Messages
import ZeroMQ

// What happens on the connection's thread, in each of its turns.
extension Connection {
    func turn() -> Duration {
        takeLeave()
        do throws(ZeroMQError) {
            try openLink()
            try readEvents()
            try readReplies()
            if link?.welcome == nil {
                try sayHello()
            } else {
                try sendRequests()
                try sendHeartbeats()
            }
        } catch {
            closeLink()
            nextLink = clock.now + timing.relink
            failAll(.messaging(error))
        }
        giveUpOnOld()
        remind()
        return untilNextTimer()
    }

    private func openLink() throws(ZeroMQError) {
        let isNeeded = !requests.isEmpty || !leases.isEmpty
        guard link == nil, isNeeded, clock.now >= nextLink else { return }
        if keys == nil, let credential = address.credential { keys = try ClientKeys(credential) }
        let link = try Link(
            to: address, keys: keys, isVersion6: address.isVersion6(attempt: linkCount),
            timing: timing)
        link.watch(on: thread)
        self.link = consume link
        linkCount += 1
        misses = 0
    }

    func closeLink() {
        if let link = link.take() {
            link.unwatch(on: thread)
        }
        for id in requests.keys { requests[id]?.comeBack() }
    }

    /// Learns from libzmq how the connection does.
    private func readEvents() throws(ZeroMQError) {
        while let event = try link?.nextEvent() {
            switch event {
            case .handshakeSucceeded:
                // Those that left at the same time should not come back at the same time.
                link?.nextHello = clock.now + timing.comeBack(within: spread)
            case .disconnected:
                link?.forgetWelcome()
                for id in requests.keys { requests[id]?.comeBack() }
            case .retried:
                tryOtherFamily()
                if link == nil { return }
            default: break
            }
        }
        guard let verdict = link?.verdict, let error = MurmurationError(verdict, at: address)
        else { return }
        closeLink()
        if spread != nil, verdict.mayBeAway {
            obstacle = error
            nextLink = clock.now + timing.wait(attempt: hellos)
            hellos += 1
        } else {
            nextLink = clock.now + timing.relink
            failAll(error)
        }
    }

    /// A host's name may have addresses of both families, of which libzmq looks at one.
    private func tryOtherFamily() {
        guard address.hasTwoFamilies, link?.verdict != .accepted, link?.isBrokenOff != true
        else { return }
        closeLink()
        nextLink = clock.now + timing.reconnect(attempt: linkCount)
    }

    private func sayHello() throws(ZeroMQError) {
        guard let due = link?.nextHello, clock.now >= due else { return }
        if link?.helloIsOut == true {
            misses += 1
            if misses >= timing.misses { return closeLink() }
        }
        lastID += 1
        try link?.sendHello(id: lastID)
        if link?.helloIsOut == true {
            // The next one is for when this one is lost.
            link?.nextHello = clock.now + timing.wait(attempt: hellos)
            hellos += 1
        }
    }

    private func sendRequests() throws(ZeroMQError) {
        for (id, request) in requests {
            if let next = request.next, clock.now < next { continue }
            if request.isOut {
                misses += 1
                if misses >= timing.misses {
                    closeLink()
                    return
                }
            }
            guard try link?.send(request.frame) == true else { return }
            requests[id]?.isOut = true
            requests[id]?.attempts += 1
            requests[id]?.next = clock.now + timing.wait(attempt: request.attempts)
        }
    }

    private func sendHeartbeats() throws(ZeroMQError) {
        guard !leases.isEmpty, clock.now >= nextHeartbeat else { return }
        guard let interval = link?.welcome?.heartbeatMilliseconds else { return }
        nextHeartbeat = clock.now + .milliseconds(Int64(max(interval, 1)))
        var rest = leases.sorted()[...]
        while !rest.isEmpty {
            var heartbeat = WireHeartbeat()
            heartbeat.leases = Array(rest.prefix(Limits.heartbeatLeases))
            rest = rest.dropFirst(Limits.heartbeatLeases)
            lastID += 1
            var request = WireRequest()
            request.id = lastID
            request.heartbeat = heartbeat
            // A lost one is no harm, and a lease that is gone shows with the next report.
            _ = try link?.send(request.bytes)
        }
        link?.heartbeatsOut += 1
        if let out = link?.heartbeatsOut, out > timing.misses { closeLink() }
    }

    private func readReplies() throws(ZeroMQError) {
        while let frame = try link?.receive() {
            misses = 0
            link?.heartbeatsOut = 0
            // A frame that is no reply leaves its request to be asked again.
            guard let reply = try? WireReply(frame: frame) else { continue }
            if reply.id == link?.helloID {
                receiveWelcome(reply)
            } else {
                receiveAnswer(reply)
            }
        }
    }

    private func receiveWelcome(_ reply: WireReply) {
        switch reply.body {
        case .welcome(let welcome):
            // The next link tries the family first that this one found somebody with.
            linkCount = isVersion6 ? 1 : 0
            link?.accept(welcome)
            spread = .milliseconds(Int64(welcome.returnMilliseconds))
            hellos = 0
            obstacle = nil
            nextHeartbeat = clock.now
        case .error(let error) where error.code == .unavailable:
            // It is there, and only says when it is asked.
            link?.nextHello = clock.now + timing.wait(attempt: hellos)
        case .error(let error):
            closeLink()
            nextLink = clock.now + timing.relink
            failAll(MurmurationError(error))
        default:
            break
        }
    }

    private func receiveAnswer(_ reply: WireReply) {
        guard let request = requests[reply.id] else { return }
        if case .error(let error) = reply.body {
            let refusal = MurmurationError(error)
            guard error.code == .unavailable else {
                requests[reply.id] = nil
                request.answer(.failure(refusal))
                return
            }
            requests[reply.id]?.isOut = false
            requests[reply.id]?.next = clock.now + timing.wait(attempt: request.attempts)
            requests[reply.id]?.refusal = refusal
            return
        }
        requests[reply.id] = nil
        // Held from this moment on: it may be given back before whoever asked knows of it.
        if case .lease(let lease) = reply.directive.assignment { leases.insert(lease.token) }
        if request.mayGrant { abandoned = nil }
        request.answer(.success(reply))
    }

    private func giveUpOnOld() {
        for (id, request) in requests {
            guard let giveUp = request.giveUp, clock.now >= giveUp else { continue }
            self.giveUp(id, because: request.refusal ?? silence)
        }
    }

    /// Says how long somebody has waited for an answer, now and then.
    private func remind() {
        guard let oldest = requests.values.min(by: { $0.since < $1.since }) else {
            if reminder.hasSpoken { logger?.notice("\(address) answers again.") }
            reminder = Reminder(first: timing.word)
            return
        }
        let waited = clock.now - oldest.since
        guard reminder.isDue(after: waited) else { return }
        logger?.warning(
            """
            \(oldest.refusal ?? silence) Waiting for it, for \(waited.components.seconds) s so far.
            """)
    }

    /// Why there was no answer.
    private var silence: MurmurationError {
        if let obstacle { return obstacle }
        return link?.isConnected == true
            ? .silent(address: address.description) : .unreachable(address: address.description)
    }

    func failAll(_ error: MurmurationError) {
        let failed = requests
        requests = [:]
        for request in failed.values { request.answer(.failure(error)) }
    }

    private func untilNextTimer() -> Duration {
        let now = clock.now
        var next = now + SocketThread.longestWait
        for request in requests.values {
            if let giveUp = request.giveUp { next = min(next, giveUp) }
        }
        if link?.welcome == nil {
            if let hello = link?.nextHello { next = min(next, hello) }
        } else {
            if !leases.isEmpty { next = min(next, nextHeartbeat) }
            for request in requests.values { next = min(next, request.next ?? now) }
        }
        // libzmq tells of a queue that is full no more by nothing that could be waited for.
        return max(timing.shortestWait, next - now)
    }
}

extension HandshakeVerdict {
    /// Where a coordinator was found before, a tunnel to it breaks off every connection while it is
    /// away. One that came back with another secret may look the same; it is said what is seen.
    fileprivate var mayBeAway: Bool {
        self == .foreign || self == .secretWrong
    }
}
