import Evolution
import Yams

/// The YAML form: hyperparameters of any type, and how the population evolves.
struct YAMLSpace {
    private static let sections = Setting.Section.allCases.filter { $0 != .population }
    private static let options =
        Setting.of(.population).map(\.name) + sections.map(\.rawValue)
        + ["hyperparameters", "constraints", "points_to_evaluate", "schedule"]

    private var draft = SpaceDraft()
    /// What the options have set so far, one after the other.
    private var changes: [@Sendable (inout Specification) -> Void] = []

    static func read(_ text: String) throws(Mistake) -> SpaceDraft {
        // The nodes are also taken apart there, which recurses as deeply as making them.
        try RoomyThread.run {
            Result { () throws(Mistake) in try readHere(text) }
        }.get()
    }

    private static func readHere(_ text: String) throws(Mistake) -> SpaceDraft {
        var space = YAMLSpace()
        try space.read(try YAMLDocument.root(of: text))
        let (changes, options) = (space.changes, space.draft.options)
        space.draft.options = { specification in
            options(&specification)
            for change in changes { change(&specification) }
        }
        return space.draft
    }

    private mutating func read(_ root: Node) throws(Mistake) {
        let all = try YAMLFields(root, what: "The file")
        if all["segments"] != nil {
            draft = try PrintedSchedule.read(root)
            return
        }
        for entry in all.entries {
            // Whoever knows a setting may not know where it belongs.
            guard let setting = Setting.named(entry.key), setting.section != .population,
                setting.key != "type"
            else { continue }
            let section = setting.section.rawValue
            throw Mistake(
                entry.line,
                "“\(entry.key)” belongs in “\(section)”; write \(section): {\(entry.key): …}.")
        }
        let fields = try YAMLFields(root, what: "The file", known: Self.options)
        for entry in fields.entries { draft.places.options[entry.key] = entry.line }
        guard let hyperparameters = fields["hyperparameters"] else {
            throw Mistake(
                nil, "The file has no “hyperparameters”; add them, each with a type and a range.")
        }
        try read(hyperparameters: hyperparameters)
        for entry in fields.entries { try read(option: entry) }
    }

    private mutating func read(option entry: YAMLFields.Entry) throws(Mistake) {
        if entry.key == "constraints" { return try read(constraints: entry) }
        if entry.key == "points_to_evaluate" { return try read(points: entry) }
        if entry.key == "schedule" { return try read(schedule: entry) }
        if let section = Self.sections.first(where: { $0.rawValue == entry.key }) {
            return try read(section, entry)
        }
        guard let setting = Setting.named(entry.key) else { return }
        set(setting, to: try entry.value(of: setting))
    }

    private mutating func read(
        _ section: Setting.Section, _ entry: YAMLFields.Entry
    ) throws(Mistake) {
        let settings = Setting.of(section)
        // The strategy alone.
        if let type = settings.first(where: { $0.key == "type" }), entry.node.scalar != nil {
            return set(type, to: try entry.value(of: type))
        }
        let fields = try YAMLFields(
            entry.node, what: "“\(section.rawValue)”", known: settings.map(\.key))
        for entry in fields.entries {
            guard let setting = settings.first(where: { $0.key == entry.key }) else { continue }
            draft.places.options[setting.name] = entry.line
            set(setting, to: try entry.value(of: setting))
        }
    }

    private mutating func set(_ setting: Setting, to value: SettingValue) {
        changes.append { $0[setting: setting] = value }
    }

    private mutating func read(constraints entry: YAMLFields.Entry) throws(Mistake) {
        let names = draft.hyperparameters.map(\.name)
        for node in try entry.list() {
            guard let text = node.scalar?.string else {
                throw Mistake(
                    node.line ?? entry.line,
                    "A constraint is \(node.noun); write a text such as a < b.")
            }
            do throws(ConstraintError) {
                draft.constraints += try Constraint.read(text, names: names)
            } catch {
                throw Mistake(node.line ?? entry.line, error.reason)
            }
        }
    }

    private mutating func read(points entry: YAMLFields.Entry) throws(Mistake) {
        let space = draft.hyperparameters
        let nodes = try entry.list()
        let most = Specification.pointValueLimit / max(space.count, 1)
        guard nodes.count <= most else {
            throw Mistake(
                entry.line,
                "There are \(nodes.count) points for \(space.count) hyperparameters; keep at most "
                    + "\(most).")
        }
        var points: [[Value?]] = []
        for node in nodes {
            let fields = try YAMLFields(
                node, what: "A point to evaluate", noun: "hyperparameter",
                known: space.map(\.name))
            var point: [Value?] = []
            for hyperparameter in space {
                guard let value = fields[hyperparameter.name] else {
                    point.append(nil)
                    continue
                }
                let domain = hyperparameter.domain
                let typed = domain.typed(try value.value())
                guard domain.contains(typed) else {
                    throw Mistake(
                        value.line,
                        """
                        The point has \(typed) for “\(hyperparameter.name)”, which is not in its \
                        search space; change one of the two.
                        """)
                }
                point.append(typed)
            }
            points.append(point)
        }
        changes.append { [points] in $0.pointsToEvaluate = points }
    }

    private mutating func read(schedule entry: YAMLFields.Entry) throws(Mistake) {
        let space = draft.hyperparameters
        let most = Specification.pointValueLimit / max(space.count, 1)
        let segments = try PrintedSchedule.segments(of: entry, most: most, names: space.map(\.name))
        changes.append { specification in
            specification.schedule = Schedule(
                segments.map { segment in
                    let values = zip(space, segment.hyperparameters).map { $0.domain.typed($1) }
                    return Schedule.Segment(end: segment.end, hyperparameters: values)
                })
        }
    }
}

// MARK: Hyperparameters

extension YAMLSpace {
    private static let kinds = Domain.kinds.map { $0.name }
    private static var kindWords: String {
        kinds.dropLast().joined(separator: ", ") + " or " + (kinds.last ?? "")
    }

    private mutating func read(hyperparameters entry: YAMLFields.Entry) throws(Mistake) {
        let fields = try YAMLFields(entry.node, what: "“hyperparameters”")
        // What is said of each point takes as much for each hyperparameter.
        guard fields.entries.count <= SearchSpace.hyperparameterLimit else {
            throw Mistake(
                entry.line,
                """
                The search space has \(fields.entries.count) hyperparameters; keep at most \
                \(SearchSpace.hyperparameterLimit).
                """)
        }
        for entry in fields.entries {
            draft.places.hyperparameters[entry.key] = entry.line
            draft.hyperparameters.append(
                Hyperparameter(name: entry.key, domain: try domain(of: entry)))
        }
    }

    private func domain(of entry: YAMLFields.Entry) throws(Mistake) -> Domain {
        // A bare value is one that never changes.
        if entry.node.scalar != nil { return .fixed(try entry.value()) }
        if case .sequence = entry.node {
            throw Mistake(
                entry.line,
                """
                The hyperparameter “\(entry.key.prefix(80))” is a list; write \
                {type: choice, values: […]}, or type: ordinal if their order matters.
                """)
        }
        let fields = try YAMLFields(entry.node, what: "A hyperparameter")
        if let inner = Self.nested(in: fields) {
            throw Mistake(
                entry.line,
                """
                The hyperparameter “\(entry.key.prefix(80))” has others in it, but nesting is not a \
                type; write each for itself, with a name such as \
                “\(entry.key.prefix(80)).\(inner.prefix(80))”.
                """)
        }
        let kind = try kind(of: entry, fields)
        let keys = ["type"] + kind.keys
        for field in fields.entries where !keys.contains(field.key) {
            throw Mistake(
                field.line,
                unknown("option of \(kind.name) hyperparameters", field.key, among: keys))
        }
        return try Domain(kind, YAMLDomain(entry: entry, fields: fields))
    }

    /// The first of the hyperparameters that a mapping seems to hold, rather than to be one.
    private static func nested(in fields: YAMLFields) -> String? {
        let options = Domain.kinds.flatMap { $0.keys }
        let mapping = fields.entries.first { $0.node.mapping != nil && !options.contains($0.key) }
        if let mapping { return mapping.key }
        // With none of the words that one needs, it holds values that never change.
        let words = options + ["type"]
        let isOne = fields.entries.contains { nearest(to: $0.key, among: words) != nil }
        return isOne ? nil : fields.entries.first?.key
    }

    private func kind(
        of entry: YAMLFields.Entry, _ fields: YAMLFields
    ) throws(Mistake) -> any DomainKind.Type {
        guard let type = fields["type"] else {
            throw Mistake(
                entry.line,
                """
                The hyperparameter “\(entry.key.prefix(80))” has no “type”; write \(Self.kindWords).
                """)
        }
        let scalar = try type.scalar()
        guard let kind = Domain.kind(named: scalar.text) else {
            let near = nearest(to: scalar.text, among: Self.kinds)
            throw Mistake(
                type.line, "“type” is \(scalar.noun); write \(near ?? Self.kindWords).")
        }
        return kind
    }
}

/// What a file says of one hyperparameter.
private struct YAMLDomain: DomainFields {
    typealias Failure = Mistake

    let entry: YAMLFields.Entry
    let fields: YAMLFields

    func has(_ key: String) -> Bool { fields[key] != nil }

    // A wrong bound is named with its own line, a wrong range with the hyperparameter's.
    func number(_ key: String) throws(Mistake) -> Double {
        let field = try field(key)
        return try field.scalar().number(as: key, line: field.line)
    }

    func integer(_ key: String) throws(Mistake) -> Int64 {
        let field = try field(key)
        return try field.scalar().integer(as: key, line: field.line)
    }

    func scale(_ key: String) throws(Mistake) -> Scale {
        try fields[key]?.word(Scale.self, among: "log or linear") ?? .linear
    }

    func word(_ key: String, among words: [String]) throws(Mistake) -> String {
        let field = try field(key)
        return try field.scalar().word(as: key, among: words, line: field.line)
    }

    func values(_ key: String) throws(Mistake) -> [Value] { try field(key).values() }

    func value(_ key: String) throws(Mistake) -> Value { try field(key).value() }

    func fail(_ reason: String) -> Mistake { Mistake(entry.line, reason) }

    private func field(_ key: String) throws(Mistake) -> YAMLFields.Entry {
        guard let field = fields[key] else {
            throw Mistake(
                entry.line,
                "The hyperparameter “\(entry.key.prefix(80))” has no “\(key)”; add one.")
        }
        return field
    }
}
