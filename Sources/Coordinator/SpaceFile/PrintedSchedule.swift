import Evolution
import Yams

/// A schedule as `murmur schedule --json` prints it, read as the space file of a replay: members train
/// along it.
///
/// It does not say what the hyperparameters may be, so each may be what it is there.
enum PrintedSchedule {
    static func read(_ root: Node) throws(Mistake) -> SpaceDraft {
        let fields = try YAMLFields(
            root, what: "The schedule",
            known: ["population", "member", "objective", "hyperparameters", "segments"])
        guard let names = fields["hyperparameters"], let entry = fields["segments"] else {
            throw Mistake(
                fields.line,
                "The schedule has no “hyperparameters”; add the list of their names, as murmur "
                    + "schedule --json prints it.")
        }
        var columns: [String] = []
        for name in try names.values() {
            guard case .text(let text) = name else {
                throw Mistake(names.line, "“hyperparameters” has \(name) in it; write names.")
            }
            columns.append(text)
        }
        let most = Specification.pointValueLimit / max(columns.count, 1)
        let stretches = try stretches(of: entry, most: most, names: columns)
        if stretches.isEmpty {
            throw Mistake(entry.line, "“segments” is empty; write one segment or more.")
        }
        let objective = try fields["objective"]?.word(
            Objective.self, among: "maximize or minimize")
        var draft = try draft(of: stretches, names: columns)
        draft.places.options = ["hyperparameters": names.line ?? 1, "schedule": entry.line ?? 1]
        let follow = draft.options
        draft.options = { specification in
            follow(&specification)
            if let objective { specification.objective = objective }
        }
        return draft
    }

    /// A segment as a file has it: what is absent in it does not count there.
    struct Stretch {
        var end: Int
        var line: Int?
        /// By the names of the hyperparameters.
        var values: [Value?]
    }

    /// The replay of segments whose file does not say what the hyperparameters may be.
    static func draft(of stretches: [Stretch], names: [String]) throws(Mistake) -> SpaceDraft {
        var draft = SpaceDraft()
        let rows = stretches.map(\.values)
        for (index, name) in names.enumerated() {
            let values = rows.compactMap { $0[index] }
            guard !values.isEmpty else {
                throw Mistake(
                    stretches.first?.line,
                    "A segment has no “\(name.prefix(80))”, and no other one has; give it a value.")
            }
            draft.hyperparameters.append(
                Hyperparameter(name: name, domain: domain(of: values)))
        }
        draft.conditions = try InferredConditions(rows).conditions { index in
            let line = stretches.first { $0.values[index] == nil }?.line
            return Mistake(
                line,
                "A segment has no “\(names[index].prefix(80))”, and nothing in the others tells when "
                    + "it counts; give it a value in each.")
        }
        let segments = filled(stretches, of: draft.hyperparameters)
        draft.options = { $0.schedule = Schedule(segments) }
        return draft
    }

    /// Segments in which what does not count has a value of elsewhere.
    static func filled(
        _ stretches: [Stretch], of space: [Hyperparameter]
    ) -> [Schedule.Segment] {
        let others = space.enumerated().map { index, hyperparameter in
            stretches.lazy.compactMap { $0.values[index] }.first ?? hyperparameter.domain.anyValue
        }
        return stretches.map { stretch in
            let values = zip(space, zip(stretch.values, others)).map { hyperparameter, values in
                hyperparameter.domain.typed(values.0 ?? values.1)
            }
            return Schedule.Segment(end: stretch.end, hyperparameters: values)
        }
    }

    /// Segments that follow each other.
    static func stretches(
        of entry: YAMLFields.Entry, most: Int, names: [String]
    ) throws(Mistake) -> [Stretch] {
        let nodes = try entry.list()
        guard nodes.count <= most else {
            throw Mistake(
                entry.line,
                "There are \(nodes.count) segments for \(names.count) hyperparameters; keep at "
                    + "most \(most).")
        }
        var stretches: [Stretch] = []
        for (number, node) in zip(1..., nodes) {
            let fields = try YAMLFields(
                node, what: "Segment \(number)",
                known: ["start", "end", "member", "hyperparameters"])
            guard let end = fields["end"], let values = fields["hyperparameters"] else {
                throw Mistake(
                    fields.line, "Segment \(number) needs “end” and “hyperparameters”; add both.")
            }
            let last = stretches.last?.end ?? 0
            if let start = try fields["start"].map(step), start != last {
                throw Mistake(
                    fields.line,
                    "Segment \(number) starts at step \(start), and the one before ends at "
                        + "\(last); let each start where the one before ends.")
            }
            let read = try self.values(values, of: names)
            stretches.append(Stretch(end: try step(end), line: fields.line, values: read))
        }
        return stretches
    }

    private static func step(_ entry: YAMLFields.Entry) throws(Mistake) -> Int {
        let scalar = try entry.scalar()
        return Int(clamping: try scalar.integer(as: entry.key, line: entry.line))
    }

    private static func values(
        _ entry: YAMLFields.Entry, of names: [String]
    ) throws(Mistake) -> [Value?] {
        let fields = try YAMLFields(
            flattening: entry.node, what: "“hyperparameters”", known: names)
        var values: [Value?] = []
        for name in names { values.append(try fields[name]?.value()) }
        return values
    }

    /// The smallest of its kind in which the values are.
    private static func domain(of values: [Value]) -> Domain {
        var seen: Set<Value> = []
        let distinct = values.filter { seen.insert($0).inserted }
        if distinct.count == 1 { return .fixed(distinct[0]) }
        let integers = distinct.compactMap { value -> Int64? in
            if case .integer(let integer) = value { integer } else { nil }
        }
        if integers.count == distinct.count, let least = integers.min(), let most = integers.max() {
            return .integer(least...most, .linear)
        }
        let numbers = distinct.compactMap(\.asNumber)
        if numbers.count == distinct.count, let least = numbers.min(), let most = numbers.max() {
            // 1 and 1.0 are one.
            return least < most ? .number(least...most, .linear) : .fixed(distinct[0])
        }
        let flags: [Value] = [.flag(false), .flag(true)]
        return distinct.allSatisfy(flags.contains) ? .bool : .choice(distinct)
    }
}
