import Evolution
import Logging

// Populations that end by themselves.
extension Core {
    /// Ends a population whose budget a report used up, or that gains nothing any more.
    mutating func endIfOver(_ index: Int, at now: Moment) {
        let ending = inPlace(index) { hosted in
            hosted.population.status == .active ? hosted.population.endingAfterReport : nil
        }
        if let ending { end(index, because: ending, at: now) }
    }

    /// Ends those whose time is over. Where every member has finished there is nothing left to end.
    mutating func endOverdue(at now: Moment) {
        for index in populations.indices
        where !populations[index].isOver && populations[index].isOverdue(at: now) {
            end(index, because: .time, at: now)
        }
    }

    private mutating func end(_ index: Int, because ending: Ending, at now: Moment) {
        record(Event(kind: .ended(ending)), of: index, at: now)
        logger.notice(
            "a population has ended",
            metadata: ["population": "\(populations[index].name)", "reason": "\(ending.rawValue)"])
    }
}

extension HostedPopulation {
    /// Its time budget is used up.
    func isOverdue(at now: Moment) -> Bool {
        specification.timeBudget.map { Double(now.wall - created) >= 1000 * $0 } ?? false
    }

    /// Why it would end at once if it were resumed, and what to do.
    func endsAgain(at now: Moment) -> String? {
        let ending = isOverdue(at: now) ? .time : population.ending
        return ending.map { population.sentence($0) }
    }
}
