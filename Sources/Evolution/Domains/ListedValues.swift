/// The values of a list, each of which is found as fast in a long list as in a short one.
package struct ListedValues: Hashable, Sendable {
    package let all: [Value]
    /// Where each is, of a long list.
    private let places: [Value: Int]
    /// One of each kind that there is.
    package let samples: [Value]

    /// Up to so many are looked through, which is faster than to look one up.
    private static let few = 16

    init(_ values: [Value]) {
        all = values
        samples = values.reduce(into: []) { samples, value in
            if !samples.contains(where: value.isSameKind) { samples.append(value) }
        }
        if values.count <= Self.few {
            places = [:]
        } else {
            places = Dictionary(
                zip(values.map(\.matched), values.indices), uniquingKeysWith: { first, _ in first })
        }
    }

    /// Where a value is, whichever way its number is written; `nil` when it is not in the list.
    func place(of value: Value) -> Int? {
        places.isEmpty ? all.firstIndex(where: value.matches) : places[value.matched]
    }

    package static func == (one: ListedValues, other: ListedValues) -> Bool { one.all == other.all }

    package func hash(into hasher: inout Hasher) { hasher.combine(all) }
}
