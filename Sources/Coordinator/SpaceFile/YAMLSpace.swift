import Evolution
import Yams

/// The YAML form: hyperparameters of any type, and how the population evolves.
struct YAMLSpace {
    private static let options = [
        "objective", "population_size", "grows", "interval", "burn_in", "max_steps", "seed", "mode",
        "generation_deadline", "min_population_size", "selection", "exploration", "hyperparameters",
        "points_to_evaluate",
    ]

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
        let changes = space.changes
        space.draft.options = { specification in
            for change in changes { change(&specification) }
        }
        return space.draft
    }

    private mutating func read(_ root: Node) throws(Mistake) {
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
        switch entry.key {
        case "objective":
            let objective = try entry.word(Objective.self, among: "maximize or minimize")
            changes.append { $0.objective = objective }
        case "mode":
            let mode = try entry.word(Mode.self, among: "asynchronous or synchronous")
            changes.append { $0.mode = mode }
        case "generation_deadline":
            let seconds = try entry.number()
            changes.append { $0.generationDeadline = seconds }
        case "population_size": try set(\.populationSize, to: entry.integer())
        case "grows": try set(\.grows, to: entry.flag())
        case "interval": try set(\.interval, to: entry.integer())
        case "burn_in": try set(\.burnIn, to: entry.integer())
        case "max_steps": try set(\.maxSteps, to: entry.integer())
        case "min_population_size": try set(\.minPopulationSize, to: entry.integer())
        case "seed":
            let scalar = try entry.scalar()
            guard let seed = UInt64(scalar.text) else {
                throw Mistake(
                    entry.line,
                    "“seed” is \(scalar.noun); write a whole number from 0 to \(UInt64.max).")
            }
            set(\.seed, to: seed)
        case "selection": try read(selection: entry)
        case "exploration": try read(exploration: entry)
        case "points_to_evaluate": try read(points: entry)
        default: break
        }
    }

    private mutating func set<Part: Sendable>(
        _ part: any WritableKeyPath<Specification, Part> & Sendable, to value: Part
    ) {
        changes.append { $0[keyPath: part] = value }
    }

    private mutating func read(selection entry: YAMLFields.Entry) throws(Mistake) {
        let fields = try YAMLFields(
            entry.node, what: "“selection”", known: ["type", "fraction", "donors_fraction"])
        if let type = fields["type"] {
            let scalar = try type.scalar()
            guard scalar.text == "truncation" else {
                throw Mistake(type.line, "“type” is \(scalar.noun); write truncation.")
            }
        }
        if let fraction = fields["fraction"] {
            draft.places.options["fraction"] = fraction.line
            set(\.fraction, to: try fraction.number())
        }
        if let fraction = fields["donors_fraction"] {
            draft.places.options["donors_fraction"] = fraction.line
            set(\.donorsFraction, to: try fraction.number())
        }
    }

    private mutating func read(exploration entry: YAMLFields.Entry) throws(Mistake) {
        let fields = try YAMLFields(
            entry.node, what: "“exploration”",
            known: ["resample_probability", "perturbation_factors", "mutation_probability"])
        for entry in fields.entries { draft.places.options[entry.key] = entry.line }
        if let probability = fields["resample_probability"] {
            set(\.resampleProbability, to: try probability.number())
        }
        if let probability = fields["mutation_probability"] {
            set(\.mutationProbability, to: try probability.number())
        }
        if let factors = fields["perturbation_factors"] {
            set(\.perturbationFactors, to: try factors.numbers())
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
        set(\.pointsToEvaluate, to: points)
    }
}

// MARK: Hyperparameters

extension YAMLSpace {
    private enum Kind: String, CaseIterable {
        case float, int, choice, ordinal, fixed

        var keys: [String] {
            switch self {
            case .float, .int: ["type", "min", "max", "scale"]
            case .choice, .ordinal: ["type", "values"]
            case .fixed: ["type", "value"]
            }
        }
    }

    private static let kinds = "float, int, choice, ordinal or fixed"

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
        let kind = try kind(of: entry, fields)
        for field in fields.entries where !kind.keys.contains(field.key) {
            throw Mistake(
                field.line,
                unknown("option of \(kind.rawValue) hyperparameters", field.key, among: kind.keys))
        }
        func field(_ key: String) throws(Mistake) -> YAMLFields.Entry {
            guard let field = fields[key] else {
                throw Mistake(
                    entry.line,
                    "The hyperparameter “\(entry.key.prefix(80))” has no “\(key)”; add one.")
            }
            return field
        }
        switch kind {
        case .float, .int:
            let scale = try fields["scale"]?.word(Scale.self, among: "log or linear")
            let (lower, upper) = (try field("min"), try field("max"))
            let bounds = (try lower.scalar(), try upper.scalar())
            let line = entry.line ?? 0
            // A wrong bound is named with its own line, a wrong range with the hyperparameter's.
            let make = kind == .float ? Domain.numbers : Domain.integers
            return try make(bounds.0, bounds.1, scale ?? .linear, line)
        case .choice: return .choice(try field("values").values())
        case .ordinal: return .ordinal(try field("values").values())
        case .fixed: return .fixed(try field("value").value())
        }
    }

    private func kind(
        of entry: YAMLFields.Entry, _ fields: YAMLFields
    ) throws(Mistake) -> Kind {
        guard let type = fields["type"] else {
            throw Mistake(
                entry.line,
                """
                The hyperparameter “\(entry.key.prefix(80))” has no “type”; write \(Self.kinds).
                """)
        }
        let scalar = try type.scalar()
        guard let kind = Kind(rawValue: scalar.text) else {
            let near = nearest(to: scalar.text, among: Kind.allCases.map(\.rawValue))
            throw Mistake(
                type.line, "“type” is \(scalar.noun); write \(near ?? Self.kinds).")
        }
        return kind
    }
}
