import Murmuration

/// What a board shows of a population.
struct BoardView: Equatable, Sendable {
    var population: String
    var isMinimizing = false
    var members = 0
    /// Members with a committed state.
    var ranked = 0
    var training = 0
    /// Their worker was lost, and no other one has taken them over yet.
    var lost = 0
    var finished = 0
    var status = Population.Status.active
    /// The open generation of a synchronous population.
    var generation: Generation?
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
    /// The best score that any member ever reported.
    var bestEver: Double?
    /// By how much the best score became higher of late.
    var rise: Rise?
    /// The best score over the time that was watched.
    var trend = Trend()
    /// A second.
    var reportRate: Double?
    var exploitRate: Double?
    /// Members that copied others, the newest first.
    var copies: [Copy] = []
    var elapsed: Duration?
    var left: Duration?
    /// Nothing was heard of the coordinator for so long.
    var silence: Duration?
    /// Members that train, and of which no report has come for long.
    var quiet: Quiet?
    /// The log files' directory.
    var logs: String?
    /// The latest thing worth a line.
    var event: String?
    /// Why nobody copies, in a sentence.
    var obstacle: String?
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

    struct Generation: Equatable, Sendable {
        /// From 1.
        var number: Int
        /// Members that it need not wait for.
        var reported: Int
    }

    struct Quiet: Equatable, Sendable {
        /// Empty when it is not known which.
        var members: [Int] = []
        /// Since the last report, of the one that is quiet for longest.
        var time: Duration

        var text: String {
            let time = time.approximate.shortText
            return switch members.count {
            case 0: "no report for \(time)"
            case 1: "no report of member \(members[0]) for \(time)"
            default: "no report of \(members.count) members for up to \(time)"
            }
        }
    }

    enum State: String, Sendable {
        case waiting, training, finished, lost
    }

    struct Hyperparameter: Equatable, Sendable {
        var name: String
        /// The value, as `NumberText` writes it.
        var value: String
    }

    struct Rise: Equatable, Sendable {
        var amount: Double
        var time: Duration
    }

    /// A member took over the state of another one.
    struct Copy: Equatable, Sendable {
        var member: Int
        var donor: Int
        /// The member's, when it copied.
        var step: Int
        /// Its own score, and the one that it took over.
        var score: Double
        var donorScore: Double
        var changes: [Change]
        /// How long ago.
        var age: Duration
    }

    /// How a hyperparameter differs from the donor's.
    enum Change: Equatable, Sendable {
        case scaled(name: String, by: Double)
        case set(name: String, to: String)
        /// Drawn from the whole search space.
        case drawn(name: String)
    }

    /// How far the open generation is: "generation 7: 12/16 reported".
    var generationText: String? {
        generation.map { "generation \($0.number): \($0.reported)/\(members) reported" }
    }

    var waiting: Int {
        // None is negative, and a coordinator may send the largest number for each.
        [training, lost, finished].reduce(members) { max(0, $0 - $1) }
    }

    /// The best score now.
    var best: Double? { quantiles.last }

    /// The steps of the whole population, when there is an end to them that can be counted.
    var allSteps: Int? { maxSteps.flatMap { Self.product($0, members) } }

    /// The steps that are left to train, as far as the board knows.
    var stepsLeft: Int? {
        guard let maxSteps, let allSteps else { return nil }
        guard entries.count == ranked else {
            // The members that are not on the board may be beyond the last step.
            let most = Self.product(maxSteps, max(0, members - finished)) ?? allSteps
            return min(max(0, allSteps - totalSteps), most)
        }
        // More is not left than there is of all, whatever a coordinator counts.
        let unranked = Self.product(maxSteps, max(0, members - ranked)) ?? allSteps
        return entries.reduce(min(unranked, allSteps)) { left, entry in
            left + min(max(0, maxSteps - entry.step), allSteps - left)
        }
    }

    private static func product(_ one: Int, _ other: Int) -> Int? {
        let (product, isTooLarge) = one.multipliedReportingOverflow(by: other)
        return isTooLarge ? nil : product
    }
}
