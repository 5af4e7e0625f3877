import Evolution
import Messages
import Records

/// What a pipeline has done since it began: what is committed, and what was refused.
///
/// It begins at zero with each epoch, and is a plain value that belongs to the pipeline.
package struct Counters: Sendable {
    /// Messages that were taken in, of whatever they ask.
    package internal(set) var requests = 0
    /// How many of them were decided on together.
    package internal(set) var batches = Histogram(
        upTo: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
    /// By the populations' ids. Those of which nothing was committed may be missing at the end.
    package private(set) var populations: [OfPopulation] = []
    package private(set) var leasesGranted = 0
    package private(set) var leasesEnded: [ReleaseReason: Int] = [:]
    /// Requests that came again, and got the answer that was kept.
    package internal(set) var retries = 0
    package internal(set) var refusals: [WireError.Code: Int] = [:]
    /// Batches that the disk had none of, each time that it was tried.
    package internal(set) var refusedCommits = 0

    package struct OfPopulation: Hashable, Sendable {
        package var reports = 0
        /// Also those that were declined later, and those that replaced a state that could not be
        /// loaded.
        package var exploits = 0
        package var declines = 0

        package init() {}
    }

    package init() {}

    /// A batch is committed.
    mutating func count(_ batch: Core.Batch) {
        // By index: a change of another kind is not copied first.
        for index in batch.changes.indices {
            if case .event(let record) = batch.changes[index] { count(record) }
        }
        retries += batch.retries
        refusals.merge(batch.refusals, uniquingKeysWith: +)
    }

    private mutating func count(_ record: EventRecord) {
        while populations.count <= record.population { populations.append(OfPopulation()) }
        switch record.event.kind {
        case .reported(let reported):
            populations[record.population].reports += 1
            if reported.exploit != nil { populations[record.population].exploits += 1 }
            if reported.declined { populations[record.population].declines += 1 }
        case .exploited: populations[record.population].exploits += 1
        case .declined(_, let fallback):
            populations[record.population].declines += 1
            if case .donor = fallback { populations[record.population].exploits += 1 }
        case .leased: leasesGranted += 1
        case .released(let reason): leasesEnded[reason, default: 0] += 1
        case .created, .removed, .paused, .resumed, .ended, .changed, .generationClosed: break
        }
    }
}
