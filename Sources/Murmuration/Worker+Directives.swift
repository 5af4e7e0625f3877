import Evolution
import Messages

// What a worker does with what the coordinator answers.
extension Worker {
    /// Asks, and follows the directive that answers.
    func send(_ request: WireRequest.OneOf_Body) async throws -> Directive {
        try await send(request) { deal(with: $0) }
    }

    /// Asks again what the caller gave up.
    ///
    /// What its directive releases is left for the next one, which tells it again: the caller may
    /// be reporting a checkpoint by now that it wrote to the same place.
    func sendAgain(_ request: WireRequest.OneOf_Body) async throws -> Directive {
        try await send(request) { _ in }
    }

    private func send(
        _ request: WireRequest.OneOf_Body, dealing: ([WireRelease]) -> Void
    ) async throws -> Directive {
        state.withLock { $0.unanswered = request }
        let report: WireReport? = if case .report(let report) = request { report } else { nil }
        do {
            let reply = try await connection.ask(request, patience: joining.patience)
            if let report { state.withLock { $0.releases.acknowledged(report.released) } }
            dealing(reply.directive.released)
            return try await follow(reply.directive, after: report)
        } catch let error as MurmurationError where error.isAboutLease {
            return try await joinAnew(after: report, isRecorded: report == nil)
        } catch let error as MurmurationError where error.isAboutRequest {
            // It was refused, so that the next one takes its sequence.
            state.withLock { state in
                state.unanswered = nil
                if report != nil, case .conflict = error {
                    // Any report under this sequence would meet the one that took it, so that the
                    // next call asks first where the lease stands.
                    state.join = joining.retaking(state.assignment)
                }
            }
            throw error
        }
    }

    /// Deletes what is released and what the user asked to delete. What could not be deleted, the
    /// coordinator tells again.
    func deal(with releases: [WireRelease]) {
        for release in releases where releasedDirectory?.delete(release.checkpoint) ?? true {
            state.withLock { $0.releases.deal(with: release.number) }
        }
    }

    /// Does what a directive says about leases, waits where it says so, and tells the rest.
    ///
    /// - Parameter report: the one that it answers.
    func follow(
        _ directive: WireDirective, after report: WireReport?
    ) async throws -> Directive {
        var exploit: WireExploit?
        if case .exploit(let told) = directive.outcome { exploit = told }
        switch directive.assignment {
        case .same(let same):
            return state.withLock { state in
                state.unanswered = nil
                if let report {
                    state.assignment.accept(
                        report, targetStep: same.targetStep, exploit: exploit)
                }
                return state.assignment.directive(
                    exploit == nil ? .continue : .exploit, exploit: exploit)
            }
        case .lease(let lease):
            return await take(Assignment(lease)) { next, _ in next.directive(.switch) }
        case .wait(let wait):
            // Whoever keeps its member may have its lease meanwhile.
            if !joining.keeps { await connection.forget(assignment.lease) }
            try await Task.sleep(for: .milliseconds(Int64(wait.milliseconds)))
            return try await joinAnew(after: report, isRecorded: true, exploit: exploit)
        case .stop(let stop):
            return await finish(stop.reason)
        case nil:
            state.withLock { state in
                state.unanswered = nil
                // It is recorded, so that the next one takes the next sequence.
                if let report {
                    let target = UInt64(clamping: state.assignment.targetStep)
                    state.assignment.accept(report, targetStep: target, exploit: nil)
                }
            }
            throw MurmurationError.malformed(
                "The coordinator's directive is of a kind that this version does not know; update."
            )
        }
    }

    /// - Parameters:
    ///   - report: the one that is answered by this; `nil` when a decline is.
    ///   - isRecorded: whether it was accepted.
    ///   - exploit: what was decided on it.
    func joinAnew(
        after report: WireReport? = nil, isRecorded: Bool = true, exploit: WireExploit? = nil
    ) async throws -> Directive {
        let former = assignment.lease
        if !joining.keeps { await connection.forget(former) }
        var directive: Directive
        switch try await askForMember(former: former) {
        case .lease(let assignment, let decided):
            directive = await take(assignment) { next, before in
                next.directive(instead: before, after: report, exploit: decided ?? exploit)
            }
        case .stop(let reason): directive = await finish(reason)
        }
        // A member that is as the report would leave it has the report.
        directive.recorded = isRecorded || directive.action == .continue
        return directive
    }

    /// Joins. A Join that was given up is made again under its key, for it may have been granted a
    /// lease.
    private func askForMember(former: UInt64) async throws -> Joining.Answer {
        do {
            return try await joining.accept(
                on: connection, former: former, again: state.withLock { $0.join }
            ) { join in state.withLock { $0.join = join } }
        } catch let error as MurmurationError where error.isAboutRequest {
            state.withLock { $0.join = nil }
            throw error
        }
    }

    /// - Parameter tell: what the worker is told, by its next assignment and the present one.
    private func take(
        _ next: Assignment, tell: @Sendable (inout Assignment, Assignment) -> Directive
    ) async -> Directive {
        let before = assignment.lease
        if before != next.lease { await connection.forget(before) }
        await connection.hold(next.lease, rejoin: joining.rejoin(next))
        return state.withLock { state in
            var next = next
            let directive = tell(&next, state.assignment)
            (state.unanswered, state.join) = (nil, nil)
            state.assignment = next
            return directive
        }
    }

    private func finish(_ reason: String) async -> Directive {
        await connection.forget(assignment.lease)
        return state.withLock { state in
            (state.unanswered, state.join) = (nil, nil)
            state.phase = .finished(reason: reason)
            var directive = state.assignment.directive(.stop)
            directive.reason = reason.escapingControls
            return directive
        }
    }
}

extension MurmurationError {
    /// The coordinator refused this very request: asking again would not help.
    var isAboutRequest: Bool {
        switch self {
        case .malformed, .tooLarge, .unauthorized, .noPopulation, .spaceMismatch, .conflict,
            .invalid, .noMember:
            true
        default: false
        }
    }

    /// The lease that was named is over, or has gone on without this client.
    var isAboutLease: Bool {
        switch self {
        case .unknownLease, .leaseLapsed, .staleSequence: true
        default: false
        }
    }
}
