import ClientMachine
import Messages
import ZeroMQ

// What happens on the connection's thread, in each of its turns.
extension Connection {
    func turn() -> Duration {
        takeLeave()
        do throws(ZeroMQError) {
            try driver.turn()
        } catch {
            fail(.messaging(error))
        }
        tellOutcomes()
        lookAtVerdict()
        giveUpOnOld()
        remind()
        return untilNextTimer()
    }

    /// - Parameter failure: what ended the requests that the machine did not end itself.
    private func tellOutcomes(of failure: MurmurationError? = nil) {
        for outcome in driver.takeOutcomes() {
            switch outcome {
            case .connect, .disconnect, .send: break
            case .answered(let id, let reply): answered(id, reply)
            case .refused(let id, let error):
                guard let error = error.map({ MurmurationError($0) }) ?? failure else {
                    preconditionFailure("the machine ends requests for nothing only when told to")
                }
                requests.removeValue(forKey: id)?.answer(.failure(error))
            // The log says after a while that it is waited for.
            case .unavailable: break
            // Connections do not subscribe.
            case .unasked: break
            case .ready: obstacle = nil
            case .leaseGone(_, let message): tellLeaseGone(message)
            case .failed: driver.machine.connectAgain(at: driver.now + timing.relink)
            }
        }
    }

    private func answered(_ id: UInt64, _ reply: WireReply) {
        guard let request = requests.removeValue(forKey: id) else { return }
        // Held from this moment on: it may be given back before whoever asked knows of it.
        if case .lease(let lease) = reply.directive.assignment,
            !driver.machine.leases.contains(lease.token)
        {
            driver.machine.hold(lease.token, rejoin: nil, at: driver.now)
        }
        if request.body.mayGrant { abandoned = nil }
        request.answer(.success(reply))
    }

    private func tellLeaseGone(_ message: String?) {
        let lapsed = """
            A lease is over: the coordinator heard nothing of this worker for too long, or was told \
            to end it.
            """
        let sentence = message?.escapingControls ?? lapsed
        logger?.warning("\(sentence) The next report learns what to train instead.")
    }

    /// Fails those who ask when the handshake cannot succeed. Where a coordinator was found before,
    /// that may pass, and is waited for.
    private func lookAtVerdict() {
        let verdict = driver.verdict
        guard let error = MurmurationError(verdict, at: driver.address) else { return }
        // What an address's file says of old may have led to somebody else by now.
        let mayBeElsewhere = driver.address.file != nil
        if mayBeElsewhere || (driver.machine.welcome != nil && verdict.mayBeAway) {
            obstacle = error
            driver.perform(driver.machine.handshakeFailed(at: driver.now))
        } else {
            fail(error)
        }
    }

    /// Ends all requests, and the link. Leases that are held make it try again.
    func fail(_ error: MurmurationError) {
        tellOutcomes()
        driver.perform(driver.machine.fail())
        driver.machine.connectAgain(at: driver.now + timing.relink)
        tellOutcomes(of: error)
    }

    private func giveUpOnOld() {
        for (id, request) in requests {
            guard let giveUp = request.giveUp, clock.now >= giveUp else { continue }
            self.giveUp(id, because: obstacle(of: id))
        }
    }

    /// Says how long somebody has waited for an answer, now and then.
    private func remind() {
        guard let (id, oldest) = requests.min(by: { $0.value.since < $1.value.since }) else {
            if reminder.hasSpoken { logger?.notice("\(driver.address) answers again.") }
            reminder = Reminder(first: timing.word)
            return
        }
        let waited = clock.now - oldest.since
        guard reminder.isDue(after: waited) else { return }
        logger?.warning(
            """
            \(obstacle(of: id)) Waiting for it, for \(waited.components.seconds) s so far.
            """)
    }

    /// Why there was no answer.
    private func obstacle(of id: UInt64) -> MurmurationError {
        if let refusal = driver.machine.refusal(of: id) { return MurmurationError(refusal) }
        if let obstacle { return obstacle }
        if let fault = driver.fault { return .invalidAddress(fault.description) }
        if !driver.address.isKnown, let file = driver.address.file {
            return .noAddressInFile(path: file)
        }
        let address = driver.address.description
        return driver.isConnected ? .silent(address: address) : .unreachable(address: address)
    }

    private func untilNextTimer() -> Duration {
        var rest = driver.rest
        let now = clock.now
        for request in requests.values {
            if let giveUp = request.giveUp { rest = min(rest, giveUp - now) }
        }
        return max(timing.shortestWait, rest)
    }
}

extension HandshakeVerdict {
    /// Where a coordinator was found before, a tunnel to it breaks off every connection while it is
    /// away. One that came back with another secret may look the same; it is said what is seen.
    fileprivate var mayBeAway: Bool {
        self == .foreign || self == .secretWrong
    }
}
