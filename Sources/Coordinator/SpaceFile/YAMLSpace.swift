import Evolution
import Yams

/// The YAML form: hyperparameters of any type, and how the population evolves.
struct YAMLSpace {
    private static let sections = Setting.Section.allCases.filter { $0 != .population }
    private static let options =
        Setting.of(.population).map(\.name) + sections.map(\.rawValue)
        + ["hyperparameters", "constraints", "points_to_evaluate", "schedule"]

    var draft = SpaceDraft()
    /// The conditions that each hyperparameter has in the file.
    var wanted: [[YAMLFields.Entry]] = []
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
                flattening: node, what: "A point to evaluate", known: space.map(\.name))
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
        let names = draft.hyperparameters.map(\.name)
        let most = Specification.pointValueLimit / max(names.count, 1)
        let stretches = try PrintedSchedule.stretches(of: entry, most: most, names: names)
        let segments = PrintedSchedule.filled(stretches, of: draft.hyperparameters)
        let space = try draft.space()
        for (stretch, segment) in zip(stretches, segments) {
            let configuration = Configuration(segment.hyperparameters, in: space)
            let missing = configuration.places.first { stretch.values[$0] == nil }
            guard let missing else { continue }
            throw Mistake(
                stretch.line,
                "A segment has no “\(names[missing].prefix(80))”, which counts there; give it a value."
            )
        }
        changes.append { $0.schedule = Schedule(segments) }
    }
}
