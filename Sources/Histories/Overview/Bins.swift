/// Parts of an axis that are equally wide, and what falls into each.
package struct Bins {
    package let from: Double
    package let to: Double
    private let count: Int

    /// - Parameters:
    ///   - from: `nil` for the least of the places.
    ///   - to: `nil` for the greatest one.
    /// - Returns: `nil` when nothing is there.
    package init?(_ places: [Double], from: Double?, to: Double?, count: Int) {
        let finite = places.lazy.filter(\.isFinite)
        guard let least = from ?? finite.min(), let greatest = to ?? finite.max(), least <= greatest
        else { return nil }
        self.from = least
        self.to = greatest
        self.count = max(1, count)
    }

    /// In which one a place is; `nil` outside.
    package func index(of place: Double) -> Int? {
        guard place >= from, place <= to else { return nil }
        guard to > from else { return 0 }
        return min(count - 1, Int((place - from) / (to - from) * Double(count)))
    }

    /// The indices of the places in each part, without the parts that are empty.
    package func groups(_ places: [Double]) -> [[Int]] {
        var groups: [[Int]] = Array(repeating: [], count: count)
        for (index, place) in places.enumerated() {
            if let bin = self.index(of: place) { groups[bin].append(index) }
        }
        return groups.filter { !$0.isEmpty }
    }
}
