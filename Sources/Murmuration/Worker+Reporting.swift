import Messages

extension Worker {
    /// Reports what the member scored, and learns what to do next.
    ///
    /// - Parameters:
    ///   - step: the steps trained, of the whole line of descent.
    ///   - score: NaN says that training failed.
    ///   - checkpoint: where the model was saved; without one the report is history only.
    ///   - metrics: more numbers to record, under names for people: printable text of at most 256
    ///     bytes, and 1 024 of them, as far as they fit into a message of 64 KiB. The others are
    ///     left out, and the log says so once.
    ///   - hyperparameters: those that were in effect other than told.
    ///   - declined: the last `exploit` was not taken over; this is the member's own model.
    /// - Returns: what to do next. When an earlier report or decline was given up, and its answer
    ///   changes what is trained, it is that answer, with ``Directive/recorded`` false: this report
    ///   was not sent.
    /// - Throws: ``MurmurationError``, also when the coordinator was away for longer than the
    ///   worker's patience. After one the report may be made again; it counts once.
    ///   ``MurmurationError/alreadyReporting`` while another task reports or declines. And what the
    ///   worker's `explore` throws on a copy that the report led to: the report is recorded. The next
    ///   call asks it first, and sends nothing when it throws again.
    public func report(
        step: Int, score: Double, checkpoint: String? = nil, metrics: [String: Double] = [:],
        hyperparameters: Hyperparameters = [:], declined: Bool = false
    ) async throws -> Directive {
        try begin()
        defer { finishAsking() }
        // It was asked in vain, if it has not explored this copy yet.
        if !declined { try explore() }
        return try await settleAndSend {
            var (report, before) = state.withLock { state in
                var report = state.assignment.report(
                    step: step, score: score, checkpoint: checkpoint, changes: hyperparameters,
                    declined: declined)
                report.released = state.releases.dealtWith
                return (report, state.assignment.step)
            }
            add(metrics, to: &report)
            // Its own model may be behind the one that it did not take over.
            if step < before, !declined {
                warnOnce(
                    .stepBack,
                    """
                    A report says step \(step), and member \(member) was at step \(before) \
                    already: count the steps of the whole line of descent, on from worker.step. \
                    It is sent as it is.
                    """)
            }
            return .report(report)
        }
    }

    /// Says that what the coordinator told to load cannot be loaded, or should not be. The member
    /// goes back to what it was before; when there is nothing before, it becomes another member, or
    /// begins at the start.
    ///
    ///     while let checkpoint = worker.checkpoint {
    ///         do {
    ///             model = try Model(loading: checkpoint)
    ///             break
    ///         } catch {
    ///             let directive = try await worker.decline(reason: "\(checkpoint): \(error)")
    ///             if directive.action == .stop { return }
    ///         }
    ///     }
    ///
    /// That may be declined as well: at the third time at the latest there is nothing to load.
    ///
    /// - Returns: what to load instead; without a checkpoint it is a fresh start. When an earlier
    ///   report was given up, and its answer changes what is trained, it is that answer.
    /// - Throws: ``MurmurationError``, as reporting does. After one it may be said again; it counts
    ///   once.
    public func decline(reason: String) async throws -> Directive {
        try begin()
        defer { finishAsking() }
        return try await settleAndSend {
            var decline = WireDecline()
            decline.key = Limits.newKey()
            decline.lease = assignment.lease
            decline.reason = reason.clipped(to: Limits.reasonBytes)
            return .decline(decline)
        }
    }

    private func begin() throws(MurmurationError) {
        let refusal = state.withLock { state -> MurmurationError? in
            switch state.phase {
            case .training:
                state.phase = .asking
                return nil
            case .asking: return .alreadyReporting
            case .finished(let reason): return .finished(reason: reason)
            case .left: return .left
            }
        }
        if let refusal { throw refusal }
    }

    private func finishAsking() {
        state.withLock { if case .asking = $0.phase { $0.phase = .training } }
    }

    /// Lets the user's own function explore on from a copy, once for each.
    func explore() throws {
        guard let explore = joining.explore else { return }
        let given = state.withLock { state in
            let isDue = state.assignment.owesEffect && !state.assignment.isExplored
            return isDue ? state.assignment.hyperparameters : nil
        }
        // It may look at the worker, and so is not called under the lock.
        guard let given else { return }
        let own = try explore(given)
        state.withLock { $0.assignment.explore(own) }
    }

    /// Sends what is wanted, once it is known what became of what was given up before.
    ///
    /// - Parameter make: makes it, for the lease as it is then.
    private func settleAndSend(
        _ make: () -> WireRequest.OneOf_Body
    ) async throws -> Directive {
        var directive = try await settleOrSend(make)
        if directive.action == .exploit || directive.action == .switch {
            try explore()
            directive.hyperparameters = hyperparameters
        }
        return directive
    }

    private func settleOrSend(
        _ make: () -> WireRequest.OneOf_Body
    ) async throws -> Directive {
        let (open, mustJoin) = state.withLock { ($0.unanswered, $0.join != nil) }
        guard let earlier = open else {
            return try await mustJoin ? joinAnew(isRecorded: false) : send(make())
        }
        let isThisOne = earlier.saysTheSame(as: make())
        var directive = try await sendAgain(earlier)
        if isThisOne { return directive }
        guard directive.action != .continue else { return try await send(make()) }
        directive.recorded = false
        return directive
    }
}

extension WireRequest.OneOf_Body {
    /// Whether two requests of a worker say the same, whatever their keys, and whatever releases
    /// were dealt with before each.
    fileprivate func saysTheSame(as other: Self) -> Bool { words == other.words }

    /// Serialized, so that a NaN is the same as itself.
    private var words: [UInt8] {
        var request = WireRequest()
        request.body = self
        switch self {
        case .report: request.report.released = []
        case .decline: request.decline.key.removeAll()
        default: break
        }
        return request.bytes
    }
}
