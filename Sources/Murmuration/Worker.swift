import Messages
import Synchronization

/// Trains members of a population, one after another.
///
///     let worker = try await Worker.join()
///     var model = Model(loading: worker.checkpoint)
///     while true {
///         model.train(until: worker.targetStep, with: worker.hyperparameters)
///         let directive = try await worker.report(
///             step: model.step, score: model.score, checkpoint: model.save())
///         switch directive.action {
///         case .continue: continue
///         case .exploit, .switch: model = Model(loading: directive.checkpoint)
///         case .stop: return try await worker.leave()
///         }
///     }
///
/// A thread of the library's own tells the coordinator that the worker lives, also while training
/// keeps every other thread busy. A coordinator that is away is waited for.
public final class Worker: Sendable {
    private let connection: Connection
    private let invitation: Invitation
    private let state: Mutex<State>

    private struct State {
        var assignment: Assignment
        var phase = Phase.training
        /// A report without an answer: it was sent, and the caller gave up.
        var unanswered: WireReport?
    }

    private enum Phase {
        case training
        /// A request about the lease is under way. Next: `training`, `finished` or `left`.
        case asking
        /// The coordinator has nothing more to train.
        case finished(reason: String)
        case left
    }

    private init(_ connection: Connection, _ invitation: Invitation, _ assignment: Assignment) {
        self.connection = connection
        self.invitation = invitation
        state = Mutex(State(assignment: assignment))
    }

    deinit {
        // Without a word the lease lapses; leaving is for who wants its member trained at once.
        let connection = connection
        Task { await connection.close() }
    }

    // MARK: - Joining

    /// Asks the coordinator for a member to train, and waits until there is one.
    ///
    /// - Parameters:
    ///   - url: `murmur://[SECRET@]HOST:PORT[/POPULATION]`; by default `MURMUR_URL`.
    ///   - population: by default the URL's, then `MURMUR_POPULATION`, then the only one there is.
    ///   - space: the text of the search space that the worker was written for; the coordinator
    ///     refuses it when its own is another one.
    ///   - name: what names the worker on boards; by default the host and `MURMUR_WORKER`.
    ///   - patience: how long the coordinator may be away, now and later, before an error says so.
    /// - Throws: ``MurmurationError``; ``MurmurationError/finished(reason:)`` when every member is.
    public static func join(
        url: String? = nil, population: String? = nil, space: String? = nil, name: String? = nil,
        patience: Duration = .seconds(300)
    ) async throws -> Worker {
        try await join(
            url: url, population: population, space: space, name: name, patience: patience,
            timing: ConnectionTiming())
    }

    package static func join(
        url: String?, population: String?, space: String?, name: String?, patience: Duration,
        timing: ConnectionTiming
    ) async throws -> Worker {
        let address = try Environment.address(url)
        let connection = try Connection(to: address, timing: timing)
        let invitation = Invitation(
            population: Environment.population(population, in: address) ?? "",
            worker: name ?? Environment.workerName, space: space ?? "", patience: patience)
        do {
            switch try await invitation.accept(on: connection) {
            case .lease(let assignment):
                await connection.hold(assignment.lease)
                return Worker(connection, invitation, assignment)
            case .stop(let reason):
                throw MurmurationError.finished(reason: reason)
            }
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: - What is trained

    private var assignment: Assignment { state.withLock { $0.assignment } }

    public var population: String { assignment.population }
    /// The number of the member in its population.
    public var member: Int { assignment.member }
    public var hyperparameters: Hyperparameters { assignment.hyperparameters }
    /// What to load before training; `nil` for a fresh start.
    public var checkpoint: String? { assignment.checkpoint }
    /// The step that the member is at.
    public var step: Int { assignment.step }
    /// The step to report at.
    public var targetStep: Int { assignment.targetStep }
    /// The step at which the member is finished, or `nil` to train for ever.
    public var maxSteps: Int? { assignment.maxSteps }

    /// The leaderboards of this worker's population, as they change.
    public var leaderboards: Monitor {
        Monitor(
            address: connection.address, population: population, patience: invitation.patience,
            timing: connection.timing)
    }

    // MARK: - Reporting

    /// Reports what the member scored, and learns what to do next.
    ///
    /// - Parameters:
    ///   - step: the steps trained, of the whole line of descent.
    ///   - score: NaN says that training failed.
    ///   - checkpoint: where the model was saved; without one the report is history only.
    ///   - metrics: more numbers to record.
    ///   - hyperparameters: those that were in effect other than told.
    ///   - declined: the last `exploit` was not taken over; this is the member's own model.
    /// - Throws: ``MurmurationError``. After one the report may be made again.
    public func report(
        step: Int, score: Double, checkpoint: String? = nil, metrics: [String: Double] = [:],
        hyperparameters: Hyperparameters = [:], declined: Bool = false
    ) async throws -> Directive {
        let (unanswered, lease) = try begin()
        defer { finishAsking() }
        // The coordinator may have the report that was given up, and has decided on it then.
        if let unanswered {
            let directive = try await send(unanswered, under: lease)
            guard directive.action == .continue else { return directive }
        }
        let report = assignment.report(
            step: step, score: score, checkpoint: checkpoint, metrics: metrics,
            changes: hyperparameters, declined: declined)
        return try await send(report, under: lease)
    }

    /// Says that what the coordinator told to load cannot be loaded, or should not be. The member
    /// goes back to what it was before.
    ///
    /// - Returns: what to load instead.
    public func decline(reason: String) async throws -> Directive {
        let (_, lease) = try begin()
        defer { finishAsking() }
        var decline = WireDecline()
        decline.key = Limits.newKey()
        decline.lease = lease
        decline.reason = String(decoding: reason.utf8.prefix(Limits.reasonBytes), as: UTF8.self)
        do {
            let reply = try await connection.ask(.decline(decline), patience: invitation.patience)
            return try await follow(reply.directive, after: nil)
        } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed {
            return try await joinAnew()
        }
    }

    /// Gives the member back for others to train, and ends the conversation.
    public func leave() async throws {
        let lease = state.withLock { state -> UInt64? in
            defer { state.phase = .left }
            switch state.phase {
            case .training, .asking: return state.assignment.lease
            case .finished, .left: return nil
            }
        }
        if let lease {
            var leave = WireLeave()
            leave.key = Limits.newKey()
            leave.lease = lease
            do {
                _ = try await connection.ask(.leave(leave), patience: invitation.patience)
            } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed {
                // It is given back already.
            } catch {
                await connection.close()
                throw error
            }
        }
        await connection.close()
    }

    private func begin() throws(MurmurationError) -> (unanswered: WireReport?, lease: UInt64) {
        let result = state.withLock {
            state -> Result<(WireReport?, UInt64), MurmurationError> in
            switch state.phase {
            case .training:
                state.phase = .asking
                return .success((state.unanswered, state.assignment.lease))
            case .asking: return .failure(.alreadyReporting)
            case .finished(let reason): return .failure(.finished(reason: reason))
            case .left: return .failure(.left)
            }
        }
        return try result.get()
    }

    private func finishAsking() {
        state.withLock { if case .asking = $0.phase { $0.phase = .training } }
    }

    private func send(_ report: WireReport, under lease: UInt64) async throws -> Directive {
        state.withLock { $0.unanswered = report }
        do {
            let reply = try await connection.ask(.report(report), patience: invitation.patience)
            return try await follow(reply.directive, after: report)
        } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed,
            MurmurationError.staleSequence
        {
            return try await joinAnew()
        } catch let error as MurmurationError where error.isAboutRequest {
            // It was refused, so that the next one takes its sequence.
            state.withLock { $0.unanswered = nil }
            throw error
        }
    }

    /// Does what a directive says about leases, waits where it says so, and tells the rest.
    ///
    /// - Parameter report: the one that it answers.
    private func follow(
        _ directive: WireDirective, after report: WireReport?
    ) async throws -> Directive {
        switch directive.assignment {
        case .same(let same):
            var exploit: WireExploit?
            if case .exploit(let told) = directive.outcome { exploit = told }
            return state.withLock { state in
                state.unanswered = nil
                if let report {
                    state.assignment.accept(
                        report, targetStep: same.targetStep, exploit: exploit)
                }
                guard let exploit else { return state.assignment.directive(.continue) }
                return state.assignment.directive(.exploit, donor: Int(clamping: exploit.donor))
            }
        case .lease(let lease):
            return await take(Assignment(lease))
        case .wait(let wait):
            await connection.release(assignment.lease)
            try await Task.sleep(for: .milliseconds(Int64(wait.milliseconds)))
            return try await joinAnew()
        case .stop(let stop):
            return await finish(stop.reason)
        case nil:
            throw MurmurationError.malformed(
                "The coordinator's directive is of a kind that this version does not know; update."
            )
        }
    }

    private func joinAnew() async throws -> Directive {
        await connection.release(assignment.lease)
        switch try await invitation.accept(on: connection) {
        case .lease(let assignment): return await take(assignment)
        case .stop(let reason): return await finish(reason)
        }
    }

    private func take(_ next: Assignment) async -> Directive {
        let before = assignment.lease
        if before != next.lease { await connection.release(before) }
        await connection.hold(next.lease)
        return state.withLock { state in
            state.unanswered = nil
            state.assignment = next
            return next.directive(.switch)
        }
    }

    private func finish(_ reason: String) async -> Directive {
        await connection.release(assignment.lease)
        return state.withLock { state in
            state.unanswered = nil
            state.phase = .finished(reason: reason)
            var directive = state.assignment.directive(.stop)
            directive.reason = reason
            return directive
        }
    }
}

extension MurmurationError {
    /// The coordinator refused this very request: asking again would not help.
    fileprivate var isAboutRequest: Bool {
        switch self {
        case .malformed, .tooLarge, .unauthorized, .noPopulation, .spaceMismatch, .conflict,
            .invalid, .noMember:
            true
        default: false
        }
    }
}
