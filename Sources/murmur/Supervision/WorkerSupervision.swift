import Foundation

/// Decides when a worker that ended is started again, and when there is no sense in it.
///
/// Times are durations since the supervision began.
struct WorkerSupervision {
    private var workers: [Worker]
    private let policy: Policy
    private var hasProgressed = false
    private var mayHaveReported = false

    private struct Worker {
        var startedAt: Duration?
        /// How many starts in a row did not live long enough to reset the back-off.
        var shortLives = 0
        /// How many of its starts, from the first one on, ended at once.
        var endedAtOnce = 0
        /// How many of its starts ended, however long they lived.
        var ended = 0
        /// How many of its last starts failed, one after another, before they lived for long.
        var failures = 0

        /// One start lived longer than at once.
        var hasLived: Bool { ended > endedAtOnce }
    }

    struct Policy: Equatable {
        /// The pause before the first start after a death; each further one is twice as long.
        var firstPause = Duration.milliseconds(500)
        var longestPause = Duration.seconds(30)
        /// A worker that lived this long starts with the first pause again.
        var longLife = Duration.seconds(30)
        /// A worker that lived no longer than this ended at once. Importing a large library
        /// before the first line fails takes seconds.
        var atOnce = Duration.seconds(5)
        /// Every worker ended at once this often: the command does not work.
        var attempts = 3
        /// Every worker ended this often, however long it lived, and nobody has reported: the
        /// command fails at its report or before it. More than the attempts, since each may have
        /// trained for long.
        var attemptsToReport = 5
        /// Every worker failed this often in a row, while others report: nobody has seen the command
        /// work. Many more, since nobody has seen it fail to report either.
        var attemptsAmongOthers = 20
        /// A worker that lived this long most likely has reported.
        var provenLife = Duration.seconds(600)
    }

    /// What to do about a worker that ended.
    enum Decision: Equatable {
        case restart(after: Duration)
        /// The command does not work: end the run.
        case giveUp(Reason)
    }

    /// Why there is no sense in starting a worker again.
    enum Reason: Hashable {
        /// Every worker ended at once every time.
        case endsAtOnce
        /// Workers ended again and again, and no report was ever accepted.
        case neverReports
        /// Workers failed again and again, soon, and others have reported.
        case keepsFailing
    }

    init(workers: Int, policy: Policy = Policy()) {
        precondition(workers > 0)
        self.workers = Array(repeating: Worker(), count: workers)
        self.policy = policy
    }

    mutating func started(_ worker: Int, at now: Duration) {
        workers[worker].startedAt = now
    }

    /// - Parameter isJudged: false when nobody knows how the population does: a coordinator that is
    ///   away may be why the worker ended, and that says nothing of the command.
    mutating func exited(
        _ worker: Int, with exit: WorkerExit = .code(1), at now: Duration, isJudged: Bool = true
    ) -> Decision {
        guard let startedAt = workers[worker].startedAt else {
            preconditionFailure("a worker that was not started has exited")
        }
        let life = now - startedAt
        workers[worker].startedAt = nil
        workers[worker].shortLives = life >= policy.longLife ? 1 : workers[worker].shortLives + 1
        guard isJudged else { return .restart(after: pause(workers[worker].shortLives)) }
        workers[worker].ended += 1
        if life <= policy.atOnce { workers[worker].endedAtOnce += 1 }
        let isFailure = exit != .code(0) && life < policy.provenLife
        workers[worker].failures = isFailure ? workers[worker].failures + 1 : 0
        if let hopeless { return .giveUp(hopeless) }
        return .restart(after: pause(workers[worker].shortLives))
    }

    /// A member was reported for: the command works, whatever happens to it later.
    mutating func progressed() {
        hasProgressed = true
    }

    /// A member was reported for by these workers or by others: the command may work, unless it
    /// ends at once.
    mutating func mayHaveProgressed() {
        mayHaveReported = true
    }

    /// Why the command does not work; `nil` while it may.
    private var hopeless: Reason? {
        if hasProgressed { return nil }
        if workers.allSatisfy({ !$0.hasLived && $0.endedAtOnce >= policy.attempts }) {
            return .endsAtOnce
        }
        if mayHaveReported {
            let isPatient = workers.contains { $0.failures < policy.attemptsAmongOthers }
            return isPatient ? nil : .keepsFailing
        }
        let isPatient = workers.contains { $0.ended < policy.attemptsToReport }
        return isPatient ? nil : .neverReports
    }

    private func pause(_ shortLives: Int) -> Duration {
        var pause = policy.firstPause
        for _ in 1..<max(shortLives, 1) where pause < policy.longestPause {
            pause *= 2
        }
        return min(pause, policy.longestPause)
    }
}

/// How a worker's command ended.
enum WorkerExit: Hashable {
    case code(Int32)
    case signal(Int32)
    /// It trained for so long without a report, and was ended for that.
    case silent(Duration)

    /// Shells, and the process that holds a worker, add this to the number of the signal that
    /// ended a command.
    static let signalOffset: Int32 = 128

    /// Reads the exit code of the process that holds a worker.
    init(holderCode: Int32) {
        let isSignal = (Self.signalOffset + 1...Self.signalOffset + 64).contains(holderCode)
        self = isSignal ? .signal(holderCode - Self.signalOffset) : .code(holderCode)
    }

    /// The exit code by which the process that holds a worker passes it on.
    var holderCode: Int32 {
        switch self {
        case .code(let code): code
        case .signal(let signal): Self.signalOffset + signal
        case .silent: Self.signalOffset + SIGKILL
        }
    }
}

extension WorkerExit: CustomStringConvertible {
    var description: String {
        switch self {
        case .code(0): "ended"
        case .code(let code): "failed with exit code \(code)"
        case .signal(let signal): "was ended by signal \(signal)"
        case .silent(let time): "did not report for \(time.shortText) and was ended"
        }
    }
}
