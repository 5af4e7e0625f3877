/// Bounds of what is taken in and decided on in one go, and the pauses of a pipeline.
package struct PipelineLimits: Sendable {
    /// Requests at most: the rest waits for the next turn.
    package var requests = 1024
    /// How long they take together, so that costly ones of one peer hold nobody up for long: the
    /// socket takes from all peers in turn.
    package var time = Duration.milliseconds(20)
    /// What reading the storage for them takes, in pages of a history, which is far longer than
    /// receiving them.
    package var queries = 8
    /// Changes of a batch that another thread commits, at least: with fewer, waking it takes longer
    /// than what could be decided meanwhile.
    package var leastInBackground = 64
    /// How long requests gather, while a batch is committed, before they are taken in.
    package var gathering = Duration.microseconds(500)

    /// The pause before a batch that the disk refused is tried again.
    package var retryPause = Duration.milliseconds(500)
    /// The time after which the log says again why nothing is accepted.
    package var complaintPause = Duration.seconds(60)
    /// The journal writes the rows that wait there for others when nothing was committed for so long,
    /// and after so long in any case, so that people find them there.
    package var quietTime = Duration.milliseconds(50)
    package var longestWaiting = Duration.seconds(1)
    /// Rows that could not be written are tried again after so long.
    package var settlingPause = Duration.seconds(60)

    package init() {}
}
