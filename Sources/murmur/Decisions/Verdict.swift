import Evolution
import Murmuration

/// Why a report led to an exploit, or to none: the training rules, in the order in which they are
/// asked.
enum Verdict: Equatable {
    /// Without a checkpoint a report is history only.
    case historyOnly
    case beforeBurnIn(burnIn: Int)
    /// Fewer steps than an interval after the last time.
    case tooSoon(since: Int, interval: Int)
    case finished(maxSteps: Int)
    /// It counts for a generation that is still open.
    case awaitingGeneration(Int)
    /// The generation closed with the reports of so many, and it was not among those that copy.
    case wentOn(generation: Int, reported: Int)
    /// By a rule that this version does not know.
    case notConsidered
    case nobodyCopies
    case tooFewRanked(least: Int)
    /// So many of the worst copy; it was not one of them.
    case notAmongWorst(Int)
    /// It stood among the best so many, whom others copy.
    case amongBest(Int)
    /// It was one of so many, and nobody was there to be copied.
    case nobodyToCopy(Int)
    /// It was one of so many.
    case copied(Int)

    /// - Parameters:
    ///   - considered: the step from which the member's interval counted.
    ///   - settings: those that held then.
    ///   - donorsFraction: the population's.
    init(
        _ report: Murmuration.Event.Report, considered: Int,
        settings: Murmuration.Population.Settings, donorsFraction: Double = 0.5
    ) {
        guard report.checkpoint != nil else {
            self = .historyOnly
            return
        }
        if report.standing == nil, let generation = report.generation {
            self = .awaitingGeneration(generation)
            return
        }
        guard let standing = report.standing else {
            self = Self.ready(report, considered: considered, settings: settings)
            return
        }
        let least = settings.minPopulationSize ?? 0
        let truncation = Truncation(
            fraction: settings.fraction ?? 0, donorsFraction: donorsFraction,
            minPopulationSize: least)
        // Journals of before compared by scores alone.
        let recent = report.recent ?? standing
        let copiers = truncation.copiers(among: recent.ranked)
        let best = truncation.donors(among: standing.ranked)
        self =
            if report.exploit != nil {
                .copied(copiers)
            } else if truncation.fraction == 0 {
                .nobodyCopies
            } else if standing.ranked < least {
                .tooFewRanked(least: least)
            } else if recent.rank <= recent.ranked - max(1, copiers) {
                .notAmongWorst(copiers)
            } else if report.recent != nil, standing.rank <= best {
                .amongBest(best)
            } else {
                .nobodyToCopy(copiers)
            }
    }

    /// Why a member went on whose generation closed.
    ///
    /// - Parameter settings: those that held then.
    init(
        _ report: Murmuration.Event.Report, in closed: Murmuration.Event.GenerationClosed,
        settings: Murmuration.Population.Settings
    ) {
        // That it counted for a generation says that its interval was over.
        let ready = Self.ready(report, considered: 0, settings: settings)
        self =
            switch ready {
            case .finished, .beforeBurnIn: ready
            default:
                settings.fraction == 0
                    ? .nobodyCopies
                    : .wentOn(generation: closed.generation, reported: closed.reported)
            }
    }

    /// Why no exploit was considered.
    private static func ready(
        _ report: Murmuration.Event.Report, considered: Int,
        settings: Murmuration.Population.Settings
    ) -> Verdict {
        if let last = settings.maxSteps, last != Murmuration.Population.Settings.endless,
            report.step >= last
        {
            return .finished(maxSteps: last)
        }
        if let burnIn = settings.burnIn, report.step < burnIn {
            return .beforeBurnIn(burnIn: burnIn)
        }
        if let interval = settings.interval, report.step - considered < interval {
            return .tooSoon(since: considered, interval: interval)
        }
        return .notConsidered
    }
}
