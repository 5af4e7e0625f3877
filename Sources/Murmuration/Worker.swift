import Foundation
import Logging
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
/// keeps every other thread busy. A coordinator that is away is waited for, however long that
/// takes; the log says so now and then.
public final class Worker: Sendable {
    let connection: Connection
    let joining: Joining
    /// Where released checkpoints are deleted; `nil` deletes none.
    let releasedDirectory: ReleasedDirectory?
    let state: Mutex<State>

    struct State {
        var assignment: Assignment
        var phase = Phase.training
        /// A report without an answer: it was sent, and the caller gave up.
        var unanswered: WireReport?
        /// The key of a decline without an answer, to be made again.
        var declineKey: Data?
        var releases = Releases()
    }

    enum Phase {
        case training
        /// A request about the lease is under way. Next: `training`, `finished` or `left`.
        case asking
        /// The coordinator has nothing more to train.
        case finished(reason: String)
        case left
    }

    private init(
        _ connection: Connection, _ joining: Joining, _ releasedDirectory: ReleasedDirectory?,
        _ assignment: Assignment
    ) {
        self.connection = connection
        self.joining = joining
        self.releasedDirectory = releasedDirectory
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
    ///   - keeps: train one member only. After a lapse or a wait the worker gets the same one
    ///     again, unless somebody else has it by then. In a population that grows, the member is a
    ///     new one.
    ///   - deletesReleased: a directory in which the worker deletes checkpoints that nothing holds
    ///     any more: those whose path, with symbolic links resolved, lies inside of it, and nothing
    ///     else. By default it deletes none.
    ///   - leavesOnTermination: when this process is told to end (SIGTERM), the worker gives its
    ///     member back, which may take 3 seconds when the coordinator is away, and then the process
    ///     ends as it would have: by the signal, or by the handler that was set before. A second
    ///     SIGTERM ends it at once. Without this the member waits until its lease lapses. Schedulers
    ///     such as Slurm and Kubernetes, and `murmur work`, send SIGTERM some time before they kill.
    ///   - patience: how long the coordinator may be away, now and later, before an error says so.
    ///     By default joining takes the address for wrong after 30 seconds, and reports wait as long
    ///     as it takes.
    ///   - logger: is told when the worker waits for long, for the coordinator or for a member.
    /// - Throws: ``MurmurationError``; ``MurmurationError/finished(reason:)`` when every member is.
    public static func join(
        url: String? = nil, population: String? = nil, space: String? = nil, name: String? = nil,
        keeps: Bool = false, deletesReleased: URL? = nil, leavesOnTermination: Bool = false,
        patience: Duration? = nil, logger: Logger = Logger(label: "murmuration")
    ) async throws -> Worker {
        let address = try Environment.address(url)
        let joining = Joining(
            population: Environment.population(population, in: address) ?? "",
            worker: name ?? Environment.workerName, space: space ?? "", keeps: keeps,
            leavesOnTermination: leavesOnTermination, patience: patience, logger: logger)
        return try await join(at: address, by: joining, deletesReleased: deletesReleased)
    }

    static func join(
        at address: Address, by joining: Joining, deletesReleased: URL? = nil,
        timing: ConnectionTiming = ConnectionTiming()
    ) async throws -> Worker {
        let directory = try deletesReleased.map { url in try ReleasedDirectory(url) }
        let connection = try Connection(to: address, timing: timing, logger: joining.logger)
        if joining.leavesOnTermination { await connection.leaveOnTermination() }
        do {
            switch try await joining.accept(on: connection) {
            case .lease(let assignment, _):
                await connection.hold(assignment.lease)
                return Worker(connection, joining, directory, assignment)
            case .stop(let reason):
                throw MurmurationError.finished(reason: reason)
            }
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: - What is trained

    var assignment: Assignment { state.withLock { $0.assignment } }

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
            address: connection.address, population: population,
            patience: joining.patience ?? Patience.monitor, timing: connection.timing)
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
    /// - Throws: ``MurmurationError``, also when the coordinator was away for longer than the
    ///   worker's patience. After one the report may be made again; it counts once.
    public func report(
        step: Int, score: Double, checkpoint: String? = nil, metrics: [String: Double] = [:],
        hyperparameters: Hyperparameters = [:], declined: Bool = false
    ) async throws -> Directive {
        let unanswered = try begin()
        defer { finishAsking() }
        // The coordinator may have the report that was given up, and has decided on it then.
        if let unanswered {
            let directive = try await directive(for: unanswered)
            let isThisOne =
                unanswered.step == UInt64(clamping: step)
                && unanswered.score.bitPattern == score.bitPattern
                && unanswered.checkpoint == checkpoint ?? ""
            guard directive.action == .continue, !isThisOne else { return directive }
        }
        let report = state.withLock { state in
            var report = state.assignment.report(
                step: step, score: score, checkpoint: checkpoint, metrics: metrics,
                changes: hyperparameters, declined: declined)
            report.released = state.releases.dealtWith
            return report
        }
        return try await send(report)
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
    /// - Returns: what to load instead; without a checkpoint it is a fresh start.
    /// - Throws: ``MurmurationError``, as reporting does. After one it may be said again; it counts
    ///   once.
    public func decline(reason: String) async throws -> Directive {
        _ = try begin()
        defer { finishAsking() }
        var decline = WireDecline()
        decline.key = state.withLock { state in
            let key = state.declineKey ?? Limits.newKey()
            state.declineKey = key
            return key
        }
        decline.lease = assignment.lease
        decline.reason = String(decoding: reason.utf8.prefix(Limits.reasonBytes), as: UTF8.self)
        do {
            let reply = try await connection.ask(.decline(decline), patience: joining.patience)
            state.withLock { $0.declineKey = nil }
            deal(with: reply.directive.released)
            return try await follow(reply.directive, after: nil)
        } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed {
            state.withLock { $0.declineKey = nil }
            return try await joinAnew()
        } catch let error as MurmurationError where error.isAboutRequest {
            state.withLock { $0.declineKey = nil }
            throw error
        }
    }

    /// Gives the member back for others to train, and ends the conversation.
    ///
    /// - Throws: ``MurmurationError`` when the coordinator is away for longer than the worker's
    ///   patience, or 30 seconds without one. The member is given to another worker then when its
    ///   lease has lapsed.
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
                _ = try await connection.ask(
                    .leave(leave), patience: joining.patience ?? Patience.joining)
            } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed,
                MurmurationError.left
            {
                // It is given back already.
            } catch {
                await connection.close()
                throw error
            }
        }
        await connection.close()
    }

    /// - Returns: the report that is to be settled first.
    private func begin() throws(MurmurationError) -> WireReport? {
        let result = state.withLock { state -> Result<WireReport?, MurmurationError> in
            switch state.phase {
            case .training:
                state.phase = .asking
                return .success(state.unanswered)
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
}
