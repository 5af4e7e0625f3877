import Evolution
import Logging
import Messages
import Records

/// The coordinator's turns: requests are taken in and decided on, what was decided is committed batch
/// by batch, and only then it leaves.
///
/// Whoever drives it asks for the next action, carries it out, and says what came of it. It knows no
/// socket, no thread and no clock, so that a simulator drives the machine that runs in production.
package struct Pipeline<Connection: NumberedConnection> {
    package internal(set) var core: Core
    /// It is written by whoever carries out `commit`, and read here, but never at the same time.
    let storage: any Storage
    let limits: PipelineLimits
    private(set) var state = State.idle(.over)

    /// Whose requests were decided on since the last batch was taken, by their peers' numbers.
    var connections: [Connection] = []
    /// Who gets what is published.
    package var audience = Audience()
    var subscriptions = Subscriptions<Connection>()

    /// What is committed, and has not left yet.
    var outbox = Outbox<Connection>()
    /// The answers to what came while the disk refuses: all is refused but greetings and looks.
    var refusals: ArraySlice<Outbox<Connection>.Letter> = []
    /// Requests that only look, while the disk refuses. They are shown what is committed.
    var looks: ArraySlice<Look> = []
    /// Shows them that. It is opened for the first of them, and good until something is committed.
    var archive: Archive?
    /// The sequence of the last event that is committed.
    private(set) var committed: Int
    /// Of what it did, for whoever operates it.
    package internal(set) var counters = Counters()
    private(set) var beginnings = Beginnings()

    /// What the disk said last, and when that was logged.
    private var complaint: (error: JournalError, logged: Duration)?
    /// When the journal has its rows written that wait, in uptime: unless more is committed before, and
    /// in any case. `nil` when none wait.
    private var settling: (planned: Duration, latest: Duration)?

    /// Goes on from what the storage holds.
    package init(
        settings: Settings, limits: PipelineLimits = PipelineLimits(), epoch: UInt64,
        storage: any Storage, now: Moment, tokens: any RandomNumberGenerator & Sendable,
        logger: Logger
    ) throws(CoordinatorError) {
        self.storage = storage
        self.limits = limits
        committed = storage.sequence
        core = Core(
            settings: settings, epoch: epoch, sequence: storage.sequence, now: now,
            tokens: tokens, logger: logger)
        try core.restore(from: storage, at: now)
        beginnings.begin(core.populations)
        outbox.admissions = core.takeAdmissions()[...]
    }

    // MARK: Turns

    /// What is to be done now.
    ///
    /// - Parameter now: no earlier than the last time. It may be a little old while requests are taken
    ///   in and answers leave.
    package mutating func next(at now: Moment) -> Action {
        while true {
            if let action = advance(at: now) { return action }
        }
    }

    /// - Returns: `nil` when there is nothing to do between one state and the next.
    private mutating func advance(at now: Moment) -> Action? {
        switch state {
        case .idle(.over):
            // What was decided while the last batch was committed need not wait for more.
            state = .idle(core.isBatchEmpty ? .receiving(until: now.uptime + limits.time) : .full)
        case .refused(let refusal, .over):
            state = .refused(refusal, .receiving(until: now.uptime + limits.time))
        case .idle(.receiving(let end)), .committing(_, .receiving(let end)),
            .refused(_, .receiving(let end)):
            if now.uptime < end, !isFull { return .receive }
            receivedAll()
        case .idle(.full):
            beginCommit(at: now)
        case .idle(.committed):
            return leave(at: now)
        case .committing(_, .begun):
            return handOver(at: now)
        case .committing(_, .handedOver):
            if let next = nextToLeave(at: now) { return .letOut(next) }
            go(to: .awaited)
            return .awaitCommit(atMost: isFull ? nil : limits.gathering)
        case .committing(_, .awaited):
            go(to: .receiving(until: now.uptime + limits.time))
        case .refused(_, .full):
            // Looks are answered before the disk is tried again: nobody may read it then.
            if let next = nextToLeave(at: now) { return .letOut(next) }
            return tryAgain(at: now)
        }
        return nil
    }

    /// The end of a turn whose batch is committed.
    private mutating func leave(at now: Moment) -> Action {
        // What reads the storage leaves before the next commit begins, and the rest meanwhile.
        if core.isBatchEmpty || readsStorage, let next = nextToLeave(at: now) {
            return .letOut(next)
        }
        if let (planned, latest) = settling, now.uptime >= planned,
            core.isBatchEmpty || now.uptime >= latest
        {
            let again = now.uptime + limits.settlingPause
            settling = (again, again)
            return .settle
        }
        if let work = core.nextProposals() { return .propose(work) }
        state = .idle(.over)
        let turn = now.uptime + (core.isBatchEmpty ? core.timeToPublication(at: now) : .zero)
        return .wait(until: settling.map { min(turn, $0.planned) } ?? turn)
    }

    /// Proposals were worked out.
    package mutating func take(_ result: ProposalWork.Result) { core.take(result) }

    /// No row waits in the journal any more.
    package mutating func didSettle() { settling = nil }

    /// There are no more requests just now.
    package mutating func receivedAll() {
        switch state {
        case .idle(.receiving): state = .idle(.full)
        case .committing(_, .receiving): go(to: .handedOver)
        case .refused(let refusal, .receiving): state = .refused(refusal, .full)
        default: preconditionFailure("requests are taken in when the pipeline says so")
        }
    }

    /// The disk refused the batch that was decided on last, and nothing else is accepted.
    package var isStuck: Bool {
        switch state {
        case .idle: false
        case .committing(let commit, _): commit.isAgain
        case .refused: true
        }
    }

    /// Requests that were taken in, and whose answers have not left yet.
    var waitingRequests: Int {
        let batch =
            switch state {
            case .committing(let commit, _): commit.batch.connections.count
            case .refused(let refusal, _): refusal.batch.connections.count
            case .idle: 0
            }
        return connections.count + batch + outbox.replies.count + outbox.queries.count
            + refusals.count + looks.count
    }

    package var isCommitting: Bool {
        if case .committing = state { true } else { false }
    }

    // MARK: Committing

    private mutating func beginCommit(at now: Moment) {
        precondition(!readsStorage, "what reads the storage has left")
        core.tick(at: now)
        let (audience, subscriptions) = (audience, subscriptions)
        // What is decided from now on is not in this batch, and must not be shown with it.
        let batch = Batch(
            decided: core.takeBatch(), connections: connections, sequence: core.sequence,
            publications: core.publications(at: now) {
                audience.wants($0) || subscriptions.want($0)
            },
            admissions: core.takeAdmissions())
        if !connections.isEmpty { counters.batches.observe(Double(connections.count)) }
        connections = []
        if !batch.changes.isEmpty { planSettling(at: now) }
        state = .committing(Commit(batch: batch, isAgain: false), .begun)
        if Hooks.present.answersBeforeCommit { outbox = Outbox(batch) }
    }

    private mutating func planSettling(at now: Moment) {
        let latest = settling?.latest ?? now.uptime + limits.longestWaiting
        settling = (min(now.uptime + limits.quietTime, latest), latest)
    }

    /// Has the batch committed: at once by another thread when it is large, and otherwise on the spot,
    /// when what was committed before has left.
    private mutating func handOver(at now: Moment) -> Action? {
        guard case .committing(let commit, _) = state else { return nil }
        let changes = commit.batch.changes
        let inBackground = changes.count >= limits.leastInBackground
        if !inBackground, let next = nextToLeave(at: now) { return .letOut(next) }
        guard !changes.isEmpty else {
            endCommit(nil, at: now)
            return nil
        }
        state = .committing(commit, .handedOver)
        return .commit(changes, inBackground: inBackground)
    }

    private mutating func go(to progress: Commit.Progress) {
        guard case .committing(let commit, _) = state else { return }
        state = .committing(commit, progress)
    }

    private mutating func tryAgain(at now: Moment) -> Action? {
        guard case .refused(let refusal, _) = state else { return nil }
        let again = refusal.tried + limits.retryPause
        guard now.uptime >= again else {
            state = .refused(refusal, .over)
            return .wait(until: again)
        }
        state = .committing(Commit(batch: refusal.batch, isAgain: true), .begun)
        return nil
    }

    /// A commit has ended.
    ///
    /// - Parameter failure: why the storage has none of it; `nil` when it has all.
    package mutating func endCommit(_ failure: JournalError?, at now: Moment) {
        guard case .committing(let commit, _) = state else {
            preconditionFailure("a commit begins, and then ends")
        }
        if let failure {
            counters.refusedCommits += 1
            state = .refused(Refusal(batch: commit.batch, tried: now.uptime), .full)
            complain(failure, at: now)
            return
        }
        state = .idle(.committed)
        committed = commit.batch.sequence
        counters.count(commit.batch.decided)
        beginnings.count(commit.batch.decided)
        complaint = nil
        archive = nil
        if !Hooks.present.answersBeforeCommit { outbox = Outbox(commit.batch) }
        #if DEBUG
            spoilOutbox()
        #endif
        guard commit.isAgain else { return }
        core.logger.notice("reports are accepted again")
        core.resume(at: now)
    }

    private mutating func complain(_ error: JournalError, at now: Moment) {
        let isKnown = complaint.map {
            $0.error == error && now.uptime - $0.logged < limits.complaintPause
        }
        guard isKnown != true else { return }
        core.logger.critical("no report is accepted: \(error)")
        complaint = (error, now.uptime)
    }
}
