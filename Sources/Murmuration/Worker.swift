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
    /// Explores on from a copy: makes hyperparameters of those that the coordinator explored.
    public typealias Explore = @Sendable (Hyperparameters) throws -> Hyperparameters

    let connection: Connection
    let joining: Joining
    /// Where released checkpoints are deleted; `nil` deletes none.
    let releasedDirectory: ReleasedDirectory?
    let state: Mutex<State>

    struct State {
        var assignment: Assignment
        var phase = Phase.training
        /// A report or a decline without an answer: the coordinator may have it, and have decided.
        var unanswered: WireRequest.OneOf_Body?
        /// A Join without an answer, or one that comes before anything else.
        var join: WireJoin?
        var releases = Releases()
        /// What the log was told already.
        var warnings: Set<Warning> = []
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
    ///   - name: what names the worker on boards; by default the host, the scheduler's
    ///     job when there is one, and `MURMUR_WORKER`, a rank or the process.
    ///   - keeps: train one member only. After a lapse or a wait the worker gets the same one
    ///     again, unless somebody else has it by then. In a population that grows, the member is a
    ///     new one.
    ///   - place: a text that stays the same when the worker is started again, also on another host.
    ///     A worker that joins with a place gets the member of its place's earlier worker at once,
    ///     without waiting until that one's lease has lapsed. An earlier worker that still runs is
    ///     shut out: its next report throws ``MurmurationError/conflict(_:)``. By default
    ///     MURMUR_PLACE names it, or what Slurm and an indexed Job of Kubernetes say of the task; such
    ///     a place belongs to one worker of the host at a time, and further ones have none. An empty
    ///     one is none.
    ///   - deletesReleased: a directory in which the worker deletes checkpoints that nothing holds
    ///     any more: those whose path, with symbolic links resolved, lies inside of it, and nothing
    ///     else. By default it deletes none.
    ///   - leavesOnTermination: when this process is told to end (SIGTERM), the worker gives its
    ///     member back, which may take 3 seconds when the coordinator is away, and then the process
    ///     ends as it would have: by the signal, or by the handler that was set before. A second
    ///     SIGTERM ends it at once. Without this the member waits until its lease lapses. Schedulers
    ///     such as Slurm and Kubernetes, and `murmur work`, send SIGTERM some time before they kill.
    ///     Where SIGTERM is ignored, it stays so.
    ///   - explore: a function of your own that explores on, where a member copied another one: it
    ///     gets the hyperparameters that the coordinator explored, and returns all of them or those
    ///     that it changes. ``hyperparameters`` and the directive have the result, the next report
    ///     says that it was in effect, and `murmur explain` tells it. It is called once for each copy,
    ///     by whichever worker trains it first; when it throws, the next call asks it again.
    ///   - ranks: whether this process may join when it is a rank above 0 of a `torch.distributed`
    ///     job, which `RANK`, `WORLD_SIZE` and `MASTER_ADDR` tell.
    ///   - patience: how long the coordinator may be away, now and later, before an error says so.
    ///     By default joining takes the address for wrong after 30 seconds, and reports wait as long
    ///     as it takes.
    ///   - logger: is told when the worker waits for long, for the coordinator or for a member.
    /// - Throws: ``MurmurationError``; ``MurmurationError/finished(reason:)`` when every member is; what
    ///   `explore` throws.
    public static func join(
        url: String? = nil, population: String? = nil, space: String? = nil, name: String? = nil,
        keeps: Bool = false, place: String? = nil, deletesReleased: URL? = nil,
        leavesOnTermination: Bool = false, explore: Explore? = nil,
        ranks: Ranks = .first, patience: Duration? = nil,
        logger: Logger = Logger(label: "murmuration")
    ) async throws -> Worker {
        try ranks.admit(Environment.variables)
        let address = try Environment.address(url)
        let joining = Joining(
            population: Environment.population(population, in: address) ?? "",
            worker: name ?? WorkerName.ofThisProcess.text, space: space ?? "", keeps: keeps,
            place: try .choose(place, ranks: ranks), leavesOnTermination: leavesOnTermination,
            explore: explore, patience: patience, logger: logger)
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
            var joining = joining
            if address.file != nil, joining.population.isEmpty {
                // The file may have come since, and name one.
                _ = try await connection.welcome(patience: joining.patience ?? Patience.joining)
                joining.population = await connection.currentAddress.population ?? ""
            }
            switch try await joining.accept(on: connection) {
            case .lease(let assignment, _):
                await connection.hold(assignment.lease, rejoin: joining.rejoin(assignment))
                let worker = Worker(connection, joining, directory, assignment)
                do {
                    try worker.explore()
                } catch {
                    // Otherwise its lease lapses. What the user's function threw is what is told.
                    try? await worker.leave()
                    throw error
                }
                return worker
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
}
