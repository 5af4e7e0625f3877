/// What was seen in the last while, in a bounded number of samples.
struct SlidingWindow<Value: Sendable>: Sendable {
    let span: Duration
    /// Samples are so far from each other at least.
    let spacing: Duration
    private var samples: [(time: Duration, value: Value)] = []

    init(span: Duration, spacing: Duration) {
        self.span = span
        self.spacing = spacing
    }

    mutating func add(_ value: Value, at now: Duration) {
        if let last = samples.last, now - last.time < spacing { return }
        samples.append((now, value))
        // One as old as the span is kept, to compare with.
        while samples.count > 1, samples[1].time <= now - span { samples.removeFirst() }
    }

    /// The last sample at or before a time, or else the oldest one.
    ///
    /// - Parameter isMeant: Others are left out.
    func sample(
        at time: Duration, where isMeant: (Value) -> Bool = { _ in true }
    ) -> (time: Duration, value: Value)? {
        let meant = samples.filter { isMeant($0.value) }
        return meant.last { $0.time <= time } ?? meant.first
    }
}
