/// What a board shows of a population.
struct BoardView: Equatable, Sendable {
    var population: String
    var isMinimizing = false
    var members = 0
    /// Members with a committed state.
    var ranked = 0
    var training = 0
    var finished = 0
    var reports = 0
    var exploits = 0
    /// Worst, lower quartile, median, upper quartile, best; empty before the first report.
    var quantiles: [Double] = []
    /// The members' steps added up.
    var totalSteps = 0
    /// The step at which a member is finished.
    var maxSteps: Int?
    /// The best members, best first.
    var entries: [Entry] = []
    var elapsed: Duration?
    var left: Duration?
    /// The log files' directory.
    var logs: String?
    /// The latest thing worth a line.
    var event: String?
    /// The coordinator serves without encryption.
    var isInsecure = false

    struct Entry: Equatable, Sendable {
        var rank: Int
        var member: Int
        var score: Double
        var step: Int
        var state: State
        /// The member that it last copied.
        var donor: Int?
        /// Nothing of its own is reported since it copied.
        var isInherited = false
        var hyperparameters: [Hyperparameter] = []
    }

    enum State: String, Sendable {
        case waiting, training, finished, lost
    }

    struct Hyperparameter: Equatable, Sendable {
        var name: String
        /// The value, as `NumberText` writes it.
        var value: String
    }

    var waiting: Int { max(0, members - training - finished) }

    /// The steps of the whole population, when there is an end to them.
    var allSteps: Int? { maxSteps.map { $0 * members } }
}

/// Estimates the time left from what was done since it first looked.
struct Progress {
    private var first: (steps: Int, time: Duration)?

    /// - Parameter now: The time since the run, or this part of it, began.
    mutating func left(steps: Int, of all: Int?, at now: Duration) -> Duration? {
        guard let all, steps > 0 else { return nil }
        guard let first else {
            self.first = (steps, now)
            return nil
        }
        guard steps > first.steps, now > first.time else { return nil }
        let pace = (now - first.time) / Double(steps - first.steps)
        return pace * Double(max(0, all - steps))
    }
}
