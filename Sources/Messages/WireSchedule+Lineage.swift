import Evolution

extension WireSchedule {
    /// The segments from the first step to the last, without the first `offset` ones, as many as
    /// fit.
    package init(_ segments: [Lineage.Segment], from offset: Int = 0, space: SearchSpace) {
        self.init()
        var room = Page()
        for segment in segments.dropFirst(offset) {
            let item = Segment(segment, space: space)
            guard room.take(item) else { break }
            self.segments.append(item)
        }
        more = offset + self.segments.count < segments.count
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
