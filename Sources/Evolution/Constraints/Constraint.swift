/// What hyperparameters keep among each other. They are told by their places in the space.
package enum Constraint: Hashable, Sendable {
    /// One is less than the other, or as much where that is allowed too.
    case order(less: Int, more: Int, isStrict: Bool)
    /// Together they are so much at most.
    case sum([Int], atMost: Double)

    /// The hyperparameters that it is between.
    package var hyperparameters: [Int] {
        switch self {
        case .order(let less, let more, _): [less, more]
        case .sum(let places, _): places
        }
    }

    /// As a space file has it.
    package func text(_ names: [String]) -> String {
        switch self {
        case .order(let less, let more, let isStrict):
            "\(names[less]) \(isStrict ? "<" : "<=") \(names[more])"
        case .sum(let places, let most):
            places.map { names[$0] }.joined(separator: " + ") + " <= \(plain(most))"
        }
    }

    /// Whether the numbers keep it, in the space's order; NaN stands for what is no number.
    func holds(_ numbers: [Double]) -> Bool {
        switch self {
        case .order(let less, let more, let isStrict):
            return isStrict
                ? numbers[less] < numbers[more] : numbers[less] <= numbers[more]
        case .sum(let places, let most):
            let terms = places.map { numbers[$0] }
            // 0.1 + 0.2 is 0.3 at most.
            let slack = 1e-12 * terms.reduce(abs(most)) { $0 + abs($1) }
            return terms.reduce(0, +) <= most + slack
        }
    }
}

// MARK: - Reading

extension Constraint {
    /// Those that a text says: `a < b`, `a <= b < c`, `b > a`, or `a + b <= 1`.
    ///
    /// - Throws: A sentence that says what is wrong.
    package static func read(
        _ text: String, names: [String]
    ) throws(ConstraintError) -> [Constraint] {
        let (terms, signs) = parts(of: text)
        guard !signs.isEmpty else {
            throw ConstraintError(
                "The constraint “\(text.prefix(80))” compares nothing; write a < b.")
        }
        if terms.contains(where: { $0.contains("+") }) {
            return [try sum(terms, signs, text, names)]
        }
        var places: [Int] = []
        for term in terms { places.append(try place(of: term, text, names)) }
        return zip(signs, zip(places, places.dropFirst())).map { sign, pair in
            let (less, more) = sign.first == "<" ? pair : (pair.1, pair.0)
            return .order(less: less, more: more, isStrict: sign.count == 1)
        }
    }

    private static func sum(
        _ terms: [String], _ signs: [String], _ text: String, _ names: [String]
    ) throws(ConstraintError) -> Constraint {
        guard signs == ["<="], let most = Double(terms[1]), most.isFinite else {
            throw ConstraintError(
                "The constraint “\(text.prefix(80))” is no sum with a most; write a + b <= 1.")
        }
        var places: [Int] = []
        for term in terms[0].split(separator: "+", omittingEmptySubsequences: false) {
            let place = try place(of: term.trimmingSpaces, text, names)
            if places.contains(place) {
                throw ConstraintError(
                    "The constraint “\(text.prefix(80))” adds “\(names[place])” twice; add it once."
                )
            }
            places.append(place)
        }
        return .sum(places, atMost: most)
    }

    private static func place(
        of term: String, _ text: String, _ names: [String]
    ) throws(ConstraintError) -> Int {
        if let place = names.firstIndex(of: term) { return place }
        if Double(term) != nil {
            throw ConstraintError(
                "The constraint “\(text.prefix(80))” compares with a number; write the min or max of "
                    + "that hyperparameter instead.")
        }
        throw ConstraintError(
            "The constraint “\(text.prefix(80))” names “\(term.prefix(80))”, which is no "
                + "hyperparameter; write one of the space's.")
    }

    /// What stands between the signs, and these.
    private static func parts(of text: String) -> (terms: [String], signs: [String]) {
        var (terms, signs): ([String], [String]) = ([], [])
        var rest = Substring(text)
        while let place = rest.firstIndex(where: { "<>".contains($0) }) {
            terms.append(rest[..<place].trimmingSpaces)
            let isLoose = rest[place...].dropFirst().first == "="
            signs.append(String(rest[place]) + (isLoose ? "=" : ""))
            rest = rest[place...].dropFirst(isLoose ? 2 : 1)
        }
        return (terms + [rest.trimmingSpaces], signs)
    }
}

/// Why a text is no constraint.
package struct ConstraintError: Error, Hashable, Sendable {
    /// A sentence that says what is wrong and what to do.
    package var reason: String

    init(_ reason: String) { self.reason = reason }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var result = drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return String(result)
    }
}
