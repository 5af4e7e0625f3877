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
        let segments = try segments(of: entry, most: most, names: columns)
        if segments.isEmpty {
            throw Mistake(entry.line, "“segments” is empty; write one segment or more.")
        }
        let objective = try fields["objective"]?.word(
            Objective.self, among: "maximize or minimize")
        var draft = draft(of: segments, names: columns)
        draft.places.options = ["hyperparameters": names.line ?? 1, "schedule": entry.line ?? 1]
        let follow = draft.options
        draft.options = { specification in
            follow(&specification)
            if let objective { specification.objective = objective }
        }
        return draft
    }

    /// The replay of segments whose file does not say what the hyperparameters may be.
    static func draft(of segments: [Schedule.Segment], names: [String]) -> SpaceDraft {
        var draft = SpaceDraft()
        for (index, name) in names.enumerated() {
            let values = segments.map { $0.hyperparameters[index] }
            draft.hyperparameters.append(
                Hyperparameter(name: name, domain: domain(of: values)))
        }
        draft.options = { specification in
            let domains = specification.space.hyperparameters.map(\.domain)
            specification.schedule = Schedule(
                segments.map { segment in
                    let values = zip(domains, segment.hyperparameters).map { $0.typed($1) }
                    return Schedule.Segment(end: segment.end, hyperparameters: values)
                })
        }
        return draft
    }

    /// Segments that follow each other.
    static func segments(
        of entry: YAMLFields.Entry, most: Int, names: [String]
    ) throws(Mistake) -> [Schedule.Segment] {
        let nodes = try entry.list()
        guard nodes.count <= most else {
            throw Mistake(
                entry.line,
                "There are \(nodes.count) segments for \(names.count) hyperparameters; keep at "
                    + "most \(most).")
        }
        var segments: [Schedule.Segment] = []
        for (number, node) in zip(1..., nodes) {
            let fields = try YAMLFields(
                node, what: "Segment \(number)",
                known: ["start", "end", "member", "hyperparameters"])
            guard let end = fields["end"], let values = fields["hyperparameters"] else {
                throw Mistake(
                    fields.line, "Segment \(number) needs “end” and “hyperparameters”; add both.")
            }
            let last = segments.last?.end ?? 0
            if let start = try fields["start"].map(step), start != last {
                throw Mistake(
                    fields.line,
                    "Segment \(number) starts at step \(start), and the one before ends at "
                        + "\(last); let each start where the one before ends.")
            }
            segments.append(
                Schedule.Segment(
                    end: try step(end), hyperparameters: try self.values(values, of: names)))
        }
        return segments
    }

    private static func step(_ entry: YAMLFields.Entry) throws(Mistake) -> Int {
        let scalar = try entry.scalar()
        return Int(clamping: try scalar.integer(as: entry.key, line: entry.line))
    }

    private static func values(
        _ entry: YAMLFields.Entry, of names: [String]
    ) throws(Mistake) -> [Value] {
        let fields = try YAMLFields(
            entry.node, what: "“hyperparameters”", noun: "hyperparameter", known: names)
        var values: [Value] = []
        for name in names {
            guard let field = fields[name] else {
                throw Mistake(
                    entry.line,
                    "A segment has no “\(name.prefix(80))”; give it a value in each.")
            }
            values.append(try field.value())
        }
        return values
    }

    /// The smallest of its kind in which the values are.
    private static func domain(of values: [Value]) -> Domain {
        let distinct = values.reduce(into: [Value]()) { if !$0.contains($1) { $0.append($1) } }
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
