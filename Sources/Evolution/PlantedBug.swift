/// A mistake that can be made on purpose, to show that the simulator finds it.
///
/// Builds for release have none of them.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// A reply leaves before what it says is on disk.
    case replyBeforeCommit
    /// A report that is sent again counts again.
    case repeatedReportCounts
    /// A report under a lease that lapsed counts for whoever has the member now.
    case staleLeaseAccepted
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

        package var isPlanted: Bool { Self.planted == self }
    #else
        @inlinable package var isPlanted: Bool { false }
    #endif
}
