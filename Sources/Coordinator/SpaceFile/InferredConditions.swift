import Evolution

/// When hyperparameters count, where all that is known is in which rows they have values.
///
/// What is found need not be what was once written, but leaves absent just what is absent there.
struct InferredConditions {
    /// The values of each hyperparameter, in the order in which they come.
    private var values: [[Value]] = []
    /// For each hyperparameter which of them it has in each row; `nil` where it is absent.
    private var columns: [[Int?]] = []
    /// Deeper conditions on conditions are nobody's.
    private static let mostRounds = 16

    /// - Parameter rows: One for each segment, in the order of the hyperparameters.
    init(_ rows: [[Value?]]) {
        for index in rows.first.map({ Array($0.indices) }) ?? [] {
            var places: [Value: Int] = [:]
            var distinct: [Value] = []
            columns.append(
                rows.map { row in
                    guard let value = row[index] else { return nil }
                    if let place = places[value] { return place }
                    places[value] = distinct.count
                    distinct.append(value)
                    return distinct.count - 1
                })
            values.append(distinct)
        }
    }

    /// The conditions of each hyperparameter; empty when nothing is absent.
    ///
    /// - Parameter fail: Makes the error about one whose absence nothing tells.
    func conditions(else fail: (Int) -> Mistake) throws(Mistake) -> [[Condition]] {
        var conditions: [[Condition]] = columns.map { _ in [] }
        var known = columns.indices.filter { !columns[$0].contains(nil) }
        var left = columns.indices.filter { columns[$0].contains(nil) }
        if left.isEmpty { return [] }
        for _ in 0..<Self.mostRounds {
            let found = left.filter { index in
                guard let wanted = wanted(for: index, among: known) else { return false }
                conditions[index] = wanted.map { parent, isWith in
                    let with = values[parent].indices.filter { isWith[$0] }
                    return Condition(parent: parent, values: with.map { values[parent][$0] })
                }
                return true
            }
            known += found
            left.removeAll(where: found.contains)
            if found.isEmpty || left.isEmpty { break }
        }
        if let index = left.first { throw fail(index) }
        return conditions
    }

    /// Another hyperparameter, and with which of its values the one counts.
    private typealias Candidate = (parent: Int, isWith: [Bool])

    /// One other that tells all, or else all others, which do together.
    private func wanted(for index: Int, among known: [Int]) -> [Candidate]? {
        let candidates = known.compactMap { parent -> Candidate? in
            var isWith = values[parent].map { _ in false }
            for (own, other) in zip(columns[index], columns[parent]) where own != nil {
                guard let other else { return nil }
                isWith[other] = true
            }
            return (parent, isWith)
        }
        let single = candidates.filter { isTold(index, by: [$0]) }
        let least = single.min { one, other in
            one.isWith.count { $0 } < other.isWith.count { $0 }
        }
        if let least { return [least] }
        return isTold(index, by: candidates) ? candidates : nil
    }

    /// Whether some condition fails in each row that lacks the hyperparameter. All hold in the others.
    private func isTold(_ index: Int, by candidates: [Candidate]) -> Bool {
        columns[index].indices.allSatisfy { row in
            columns[index][row] != nil
                || candidates.contains { parent, isWith in
                    columns[parent][row].map { !isWith[$0] } ?? true
                }
        }
    }
}
