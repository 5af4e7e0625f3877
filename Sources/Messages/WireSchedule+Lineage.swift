import Evolution

extension WireSchedule {
    /// The segments from the first step to the last.
    package init(_ segments: [Lineage.Segment], space: SearchSpace) {
        self.init()
        self.segments = segments.map { Segment($0, space: space) }
    }
}

extension WireSchedule.Segment {
    package init(_ segment: Lineage.Segment, space: SearchSpace) {
        self.init()
        member = UInt64(segment.member)
        start = UInt64(segment.start)
        end = UInt64(segment.end)
        hyperparameters = [WireHyperparameter](segment.hyperparameters, space: space)
    }
}
