/// How often values of several sizes were observed.
package struct Histogram: Hashable, Sendable {
    /// The largest value of each class, in rising order. One more class has what is larger.
    package let bounds: [Double]
    /// Of each class alone.
    package private(set) var counts: [Int]
    package private(set) var sum = 0.0

    package init(upTo bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "The bounds rise.")
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}
