import Evolution
import Messages

// What a worker does with what the coordinator answers.
extension Worker {
    /// Sends a report and follows the directive that answers it.
    func send(_ report: WireReport) async throws -> Directive {
        try await send(report) { deal(with: $0) }
    }

    /// Sends a report again that the caller gave up.
    ///
    /// What its directive releases is left for the next one, which tells it again: the caller may
    /// be reporting a checkpoint by now that it wrote to the same place.
    func directive(for report: WireReport) async throws -> Directive {
        try await send(report) { _ in }
    }

    private func send(
        _ report: WireReport, dealing: ([WireRelease]) -> Void
    ) async throws -> Directive {
        state.withLock { $0.unanswered = report }
        do {
            let reply = try await connection.ask(.report(report), patience: joining.patience)
            state.withLock { $0.releases.acknowledged(report.released) }
            dealing(reply.directive.released)
            return try await follow(reply.directive, after: report)
        } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed,
            MurmurationError.staleSequence
        {
            return try await joinAnew(after: report, isRecorded: false)
        } catch let error as MurmurationError where error.isAboutRequest {
            // It was refused, so that the next one takes its sequence.
            state.withLock { $0.unanswered = nil }
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
        switch try await joining.accept(on: connection, former: former) {
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

    /// - Parameter tell: what the worker is told, by its next assignment and the present one.
    private func take(
        _ next: Assignment, tell: @Sendable (inout Assignment, Assignment) -> Directive
    ) async -> Directive {
        let before = assignment.lease
        if before != next.lease { await connection.forget(before) }
        await connection.hold(next.lease)
        return state.withLock { state in
            var next = next
            let directive = tell(&next, state.assignment)
            state.unanswered = nil
            state.assignment = next
            return directive
        }
    }

    private func finish(_ reason: String) async -> Directive {
        await connection.forget(assignment.lease)
        return state.withLock { state in
            state.unanswered = nil
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
}
