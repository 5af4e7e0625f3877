import Evolution
import Messages

/// A file that describes a search space and, as YAML, how its population evolves.
///
/// Two forms are read: CSV with the columns `name,min,max,scale` and YAML. Only the coordinator
/// reads them; clients send the text.
package struct SpaceFile: Sendable {
    /// As the file has it. What spans several options is checked by `specification(overriding:)`.
    var specification: Specification
    private let source: String
    /// The lines of options and hyperparameters, for what is found wrong with them later.
    private let places: Places

    /// Larger than any text that a message holds, and than the canonical form of one.
    package static let textBytes = 16 * Limits.messageBytes

    /// Reads the text, CSV or YAML by its content and by the ending of `source`.
    ///
    /// - Parameter source: the file's name, for messages.
    package init(text: String, source: String) throws(SpaceFileError) {
        let name = source.prefix(Limits.sourceBytes)
        self.source = name.isEmpty ? "the search space" : String(name)
        let text = text.withoutMark
        do throws(Mistake) {
            let draft = try Self.read(text, isCSV: Self.isCSV(text, source: source))
            specification = try draft.specification()
            places = draft.places
        } catch {
            throw SpaceFileError(source: self.source, line: error.line, reason: error.reason)
        }
    }

    /// Whether the file has this option.
    func says(_ option: String) -> Bool { places.options[option] != nil }

    /// The file's specification on its own.
    package static func parse(
        text: String, source: String
    ) throws(SpaceFileError) -> Specification {
        try SpaceFile(text: text, source: source).specification()
    }

    /// The file's specification, in which the settings that are given win.
    package func specification(
        overriding settings: SettingValues = SettingValues()
    ) throws(SpaceFileError) -> Specification {
        if let error = Specification.fault(of: settings, isTraining: false) {
            throw SpaceFileError(reason: error.description)
        }
        var result = specification
        result.apply(settings)
        result.fillIn { says($0) || settings.contains($0) }
        do throws(SpecificationError) {
            try result.validate()
        } catch {
            let reason = "Option “\(error.option)”: \(error.reason)"
            if settings.contains(error.option) { throw SpaceFileError(reason: reason) }
            throw SpaceFileError(
                source: source, line: places.options[error.option], reason: reason)
        }
        return result
    }

    private static func read(_ text: String, isCSV: Bool) throws(Mistake) -> SpaceDraft {
        guard text.utf8.count <= textBytes else {
            throw Mistake(
                nil, "The file has \(text.utf8.count) bytes; keep it to \(textBytes) bytes.")
        }
        // Every other byte of a text in UTF-16 may be one that UTF-8 has too.
        guard !text.utf8.contains(0) else {
            throw Mistake(
                nil, "The file is not a text in UTF-8, but perhaps in UTF-16; save it as UTF-8.")
        }
        guard !text.content.isEmpty else {
            throw Mistake(
                nil, "The file is empty; describe at least one hyperparameter in it.")
        }
        if isCSV { return try CSVSpace.read(text) }
        return RayPolicy.isOne(text) ? try RayPolicy.read(text) : try YAMLSpace.read(text)
    }

    private static let csvEnding = ".csv"
    /// What the name of a file ends with that says what is in it.
    package static let endings = [csvEnding, ".yaml", ".yml", ".json"]

    private static func isCSV(_ text: String, source: String) -> Bool {
        let name = source.lowercased()
        if let ending = endings.first(where: name.hasSuffix) { return ending == csvEnding }
        // Lines of YAML that have commas begin with a bracket or have a colon before them.
        guard let line = text.content.first?.text else { return false }
        return line.contains(",") && !line.contains(": ") && !"{[-".contains(line.first ?? "-")
    }
}

/// Where options and hyperparameters are in a file.
struct Places: Sendable {
    var options: [String: Int] = [:]
    var hyperparameters: [String: Int] = [:]
}

/// What a reader found in a file, before the parts are checked against each other.
struct SpaceDraft: Sendable {
    var hyperparameters: [Hyperparameter] = []
    var constraints: [Constraint] = []
    /// Of each hyperparameter; empty when there are none.
    var conditions: [[Condition]] = []
    var places = Places()
    /// Fills in the options, once there is a space.
    var options: @Sendable (inout Specification) -> Void = { _ in }

    /// What is searched.
    func space() throws(Mistake) -> SearchSpace {
        // One after the other first: then it is clear which of them is meant.
        for hyperparameter in hyperparameters {
            _ = try space([hyperparameter], line: places.hyperparameters[hyperparameter.name])
        }
        _ = try space(hyperparameters, [], conditions, line: places.options["hyperparameters"])
        return try space(
            hyperparameters, constraints, conditions, line: places.options["constraints"])
    }

    func specification() throws(Mistake) -> Specification {
        let space = try space()
        let size = hyperparameters.map(\.largestWireSize).reduce(0, +)
        guard size <= Limits.assignmentBytes else {
            throw Mistake(
                places.options["hyperparameters"],
                """
                The hyperparameters' names and values take up to \(size) bytes together; shorten \
                them to \(Limits.assignmentBytes).
                """)
        }
        var specification = Specification(space: space)
        options(&specification)
        return specification
    }

    private func space(
        _ hyperparameters: [Hyperparameter], _ constraints: [Constraint] = [],
        _ conditions: [[Condition]] = [], line: Int?
    ) throws(Mistake) -> SearchSpace {
        do throws(SpaceError) {
            return try SearchSpace(
                hyperparameters, constraints: constraints, conditions: conditions)
        } catch {
            let place = error.hyperparameter.flatMap { places.hyperparameters[$0] }
            throw Mistake(place ?? line, error.description)
        }
    }
}

extension Hyperparameter {
    /// At most how many bytes it takes in a message, whichever of its values it has.
    fileprivate var largestWireSize: Int {
        switch domain {
        case .float, .int: wireSize(with: .number(0))
        case .unordered(let domain): domain.values.map(wireSize).max() ?? 0
        case .ordered(let domain): domain.values.map(wireSize).max() ?? 0
        case .flag: wireSize(with: .flag(true))
        case .constant(let domain): wireSize(with: domain.value)
        }
    }
}

extension String {
    /// Its lines that are neither blank nor comments, without the spaces around them.
    var content: [(line: Int, text: Substring)] {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
            .map { (line: $0.offset + 1, text: $0.element.trimmed) }
            .filter { !$0.text.isEmpty && $0.text.first != "#" }
    }

    /// The text without the byte order mark that some editors put before it. A reader of YAML would
    /// count it as a column, by which the first line is indented.
    fileprivate var withoutMark: String {
        unicodeScalars.first == "\u{FEFF}" ? String(unicodeScalars.dropFirst()) : self
    }
}

extension Substring {
    var trimmed: Substring {
        var result = drop(while: \.isWhitespace)
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}

extension Specification {
    /// Sets the options whose defaults depend on others, unless they were given.
    fileprivate mutating func fillIn(unless isGiven: (_ option: String) -> Bool) {
        let isSynchronous = mode == .synchronous
        if isSynchronous, !isGiven("fraction") { fraction = 0.2 }
        // All scores of a generation are as fresh as each other: the best few are the best few.
        if isSynchronous, !isGiven("donors_fraction"), fraction > 0 { donorsFraction = fraction }
        if !schedule.isEmpty {
            if !isGiven("population_size") { populationSize = 1 }
            if !isGiven("max_steps"), schedule.end < Self.stepLimit { maxSteps = schedule.end }
        }
        if !grows, !isGiven("min_population_size") {
            minPopulationSize = max(2, min(minPopulationSize, populationSize))
        }
    }
}
