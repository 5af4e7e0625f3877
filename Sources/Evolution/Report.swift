/// "At this step the member scored this; the checkpoint is there."
package struct Report: Hashable, Sendable {
    package var member: Int
    package var step: Int
    package var score: Double
    package var checkpoint: String?
    /// In effect, in the space's order; `nil` when they are the ones that were assigned.
    package var hyperparameters: [Value]?
    package var metrics: [Metric] = []
    /// The worker did not take over the last exploit.
    package var declined = false

    package init(member: Int, step: Int, score: Double, checkpoint: String? = nil) {
        self.member = member
        self.step = step
        self.score = score
        self.checkpoint = checkpoint
    }
}

extension Double {
    /// Zero has no sign and NaN is one: a journal that is read again has no other.
    var canonical: Double { isNaN ? .nan : self + 0 }
}
