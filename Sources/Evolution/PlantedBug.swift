/// A mistake that can be made on purpose, to show that the simulator finds it.
///
/// Builds for release have none of them.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// A reply leaves before what it says is on disk.
    case replyBeforeCommit
    /// A reply leaves with the batch before its own, during whose commit it was decided on.
    case replyWithOtherCommit
    /// Whose requests were answered in a batch is forgotten when others come during its commit.
    case peersForgottenTooEarly
    /// The journal is read while another thread commits.
    case readDuringCommit
    /// A report that is sent again counts again.
    case repeatedReportCounts
    /// A report under a lease that lapsed counts for whoever has the member now.
    case staleLeaseAccepted
    /// A worker that joins with a place leaves the lease alone that its place's earlier worker has.
    case earlierWorkerOfPlaceStays
    /// A checkpoint is let go that another population holds.
    case otherHoldersForgotten
    /// A member's previous checkpoint is let go, to which it may fall back.
    case releasedTooEarly
    /// A member that copied another one donates before it reports a state of its own.
    case inheritedStateDonates
    /// A member's interval goes on from before its exploit.
    case intervalNotReset
    /// A member that copied is ranked by its donor's score.
    case copierRanksAsDonor
    /// What members measured whose workers left counts for ever.
    case leaversCount
    /// A copy goes back in steps while a member waits.
    case copiesGoBack
    /// Fresh scores are compared with older ones, as they are.
    case scoresAloneDecide

    #if DEBUG
        /// The one that is planted in what this task runs.
        @TaskLocal package static var planted: PlantedBug?
    #endif
}

/// All places at which the code does something else while a bug is planted there.
package struct Hooks: Sendable {
    #if DEBUG
        private let planted = PlantedBug.planted

        private func has(_ bug: PlantedBug) -> Bool { planted == bug }
    #else
        private func has(_: PlantedBug) -> Bool { false }
    #endif

    /// Those of what this task runs.
    package static var present: Hooks { Hooks() }

    // The coordinator's.
    package var answersBeforeCommit: Bool { has(.replyBeforeCommit) }
    package var answersWithOtherCommit: Bool { has(.replyWithOtherCommit) }
    package var forgetsPeers: Bool { has(.peersForgottenTooEarly) }
    package var readsDuringCommit: Bool { has(.readDuringCommit) }
    package var countsRepeatedReports: Bool { has(.repeatedReportCounts) }
    package var acceptsStaleLeases: Bool { has(.staleLeaseAccepted) }
    package var leavesEarlierLease: Bool { has(.earlierWorkerOfPlaceStays) }
    package var forgetsOtherHolders: Bool { has(.otherHoldersForgotten) }

    // The rules'.
    var holdsLatestOnly: Bool { has(.releasedTooEarly) }
    var letsInheritedDonate: Bool { has(.inheritedStateDonates) }
    var keepsInterval: Bool { has(.intervalNotReset) }
    var ranksCopiersAsDonors: Bool { has(.copierRanksAsDonor) }
    var countsLeavers: Bool { has(.leaversCount) }
    var letsCopiesGoBack: Bool { has(.copiesGoBack) }
    var decidesByScoresAlone: Bool { has(.scoresAloneDecide) }
}
