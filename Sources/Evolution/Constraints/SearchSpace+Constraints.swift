// What constraints leave to each hyperparameter.
//
// All of them limit from above what grows: an order and a sum hold for the least numbers if they hold
// for any. So a choice of some can be completed if the least completion of it keeps all constraints.
//
// One counts only where all that it is between count.
extension SearchSpace {
    /// Whether the values keep all constraints.
    package func keeps(_ values: [Value]) -> Bool {
        if constraints.isEmpty { return true }
        let numbers = values.map { $0.asNumber ?? .nan }
        return counting(with: values).allSatisfy { $0.holds(numbers) }
    }

    /// The first constraint that the values break, as a text; `nil` when they keep all.
    package func broken(by values: [Value]) -> String? {
        let numbers = values.map { $0.asNumber ?? .nan }
        return counting(with: values).first { !$0.holds(numbers) }
            .map { $0.text(hyperparameters.map(\.name)) }
    }

    /// Whether some values can be completed so that all constraints are kept, whatever else counts.
    package func canComplete(_ values: [Value?]) -> Bool {
        let mayCount = mayCount(values)
        let possible = constraints.filter { constraint in
            constraint.hyperparameters.allSatisfy { mayCount[$0] }
        }
        return possible.isEmpty
            || leastCompletion(values.map { $0?.asNumber }, keeping: possible) != nil
    }

    /// Those that count where the hyperparameters have these values.
    func counting(with values: [Value]) -> [Constraint] {
        guard let activity = activity(of: values) else { return constraints }
        return constraints.filter { $0.hyperparameters.allSatisfy { activity[$0] } }
    }

    /// Values that keep all constraints, as near to these as what comes before leaves them.
    ///
    /// - Parameter given: Those that stay as they are, which can be completed.
    func repaired(_ values: [Value], given: [Bool]) -> [Value] {
        let counting = counting(with: values)
        let tied = Set(counting.flatMap(\.hyperparameters))
        var chosen = zip(values, given).map { $1 ? $0.asNumber : nil }
        var result = values
        for index in constrained where !given[index] && tied.contains(index) {
            guard let line = NumberLine(hyperparameters[index].domain),
                let least = leastCompletion(chosen, keeping: counting)?[index]
            else { return values }
            let greatest = line.greatest(from: least) { number in
                var tried = chosen
                tried[index] = number
                return leastCompletion(tried, keeping: counting) != nil
            }
            let wanted = values[index].asNumber ?? least
            let number = line.reflect(
                wanted.isNaN ? least : wanted, into: least...max(least, greatest))
            chosen[index] = number
            result[index] = hyperparameters[index].domain.typed(.number(number))
        }
        return result
    }

    /// The least numbers that keep constraints, where some are chosen; `nil` when there are none.
    private func leastCompletion(_ chosen: [Double?], keeping constraints: [Constraint])
        -> [Double]?
    {
        var numbers = hyperparameters.indices.map { index in
            chosen[index] ?? NumberLine(hyperparameters[index].domain)?.range.lowerBound ?? .nan
        }
        // The less come before the more.
        for more in constrained {
            for case .order(let less, more, let isStrict) in constraints {
                let (one, other) = (numbers[less], numbers[more])
                if one < other || (one == other && !isStrict) { continue }
                guard chosen[more] == nil, let line = NumberLine(hyperparameters[more].domain),
                    let least = line.least(numbers[less], isStrict: isStrict)
                else { return nil }
                numbers[more] = least
            }
        }
        return constraints.allSatisfy { $0.holds(numbers) } ? numbers : nil
    }
}

// MARK: - Checking

extension SearchSpace {
    /// The hyperparameters that constraints are between, those that are to be less before those that are
    /// to be more; `nil` when orders go round in a circle.
    static func sorted(_ constraints: [Constraint]) -> [Int]? {
        var left = Set(constraints.flatMap(\.hyperparameters)).sorted()
        var sorted: [Int] = []
        while !left.isEmpty {
            let next = left.firstIndex { place in
                !constraints.contains { constraint in
                    guard case .order(let less, place, _) = constraint else { return false }
                    return left.contains(less)
                }
            }
            guard let next else { return nil }
            sorted.append(left.remove(at: next))
        }
        return sorted
    }

    /// What keeps constraints from being kept.
    func validateConstraints() throws(SpaceError) {
        func fail(_ reason: String) -> SpaceError {
            SpaceError(hyperparameter: nil, reason: reason)
        }
        if constraints.isEmpty { return }
        if constraints.count > Self.constraintLimit {
            throw fail(
                "The search space has \(constraints.count) constraints; keep at most "
                    + "\(Self.constraintLimit).")
        }
        let names = hyperparameters.map(\.name)
        let bytes = constraints.reduce(0) { $0 + $1.text(names).utf8.count }
        if bytes > Self.constraintBytes {
            throw fail(
                "The constraints have \(bytes) bytes; shorten them to \(Self.constraintBytes).")
        }
        for constraint in constraints {
            let text = constraint.text(names)
            for index in constraint.hyperparameters
            where NumberLine(hyperparameters[index].domain) == nil {
                throw fail(
                    "The constraint “\(text)” has “\(names[index])”, which is no number; compare "
                        + "floats, ints and fixed numbers.")
            }
            if constrained.isEmpty {
                throw fail(
                    "The constraints order hyperparameters in a circle; take out one, such as "
                        + "“\(text)”.")
            }
        }
        if leastCompletion(names.map { _ in nil }, keeping: constraints) == nil {
            let texts = constraints.map { $0.text(names) }.joined(separator: ", ")
            throw fail(
                "No values keep all constraints (\(texts.prefix(200))); widen a range, or take one out."
            )
        }
    }

    /// A space has at most this many constraints.
    package static let constraintLimit = 64
    /// They are at most so many bytes of UTF-8 together.
    package static let constraintBytes = 4096
}
