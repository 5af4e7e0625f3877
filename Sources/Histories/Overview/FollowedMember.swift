import Foundation
import Murmuration

/// What is counted of one member.
package struct FollowedMember: Sendable {
    package private(set) var reports = 0
    package private(set) var exploits = 0
    package private(set) var declines = 0
    package private(set) var lapses = 0
    /// The member that it last copied.
    package private(set) var donor: Int?
    /// What it trains with next, as ``PlottedSpace`` encodes it.
    package private(set) var values: [Double] = []
    /// What its last report was trained with.
    package private(set) var reported: [Double] = []
    package private(set) var lastScore = Double.nan
    package private(set) var isHeld = false
    package private(set) var isLost = false
    /// The step that the population's sum has of it.
    var countedStep = 0

    /// What it is doing.
    package enum State: String, Encodable, Sendable {
        case waiting, training, finished, lost, removed
    }

    mutating func apply(_ event: Event, space: inout PlottedSpace) {
        switch event.kind {
        case .created(let hyperparameters): values = space.encode(hyperparameters)
        case .leased:
            isHeld = true
            isLost = false
        case .reported(let report):
            reports += 1
            if report.declined { declines += 1 }
            lastScore = report.score
            reported = space.encode(report.hyperparameters)
            values = reported
        case .declined: declines += 1
        case .released(let reason):
            isHeld = false
            isLost = reason == Self.lapsed
            if isLost { lapses += 1 }
        case .removed: isHeld = false
        case .exploited, .paused, .resumed, .ended, .changed, .generationClosed: break
        }
        if let exploit = event.exploit {
            exploits += 1
            donor = exploit.donor
            values = space.encode(exploit.hyperparameters)
        }
    }

    /// Why a lease ended of whose worker nothing was heard.
    static let lapsed = "lapsed"
}
