import Evolution

extension SpaceFile {
    /// The canonical text of a specification: a YAML file that reads back as an equal one.
    package static func render(_ specification: Specification) -> String {
        var lines: [String] = []
        for section in Setting.Section.allCases {
            if section != .population { lines.append("\(section.rawValue):") }
            for setting in Setting.of(section) {
                guard let value = specification[setting: setting] else { continue }
                let indent = section == .population ? "" : "  "
                lines.append("\(indent)\(setting.key): \(value)")
            }
        }
        lines.append("hyperparameters:")
        let space = specification.space.hyperparameters
        let conditions = specification.space.conditions
        for (place, hyperparameter) in space.enumerated() {
            let when = (conditions.isEmpty ? [] : conditions[place]).map { condition in
                "\(key(space[condition.parent].name)): \(text(of: condition.values))"
            }
            let written = text(of: hyperparameter.domain, when: when)
            lines.append("  \(key(hyperparameter.name)): \(written)")
        }
        let constraints = specification.space.constraints
        if !constraints.isEmpty { lines.append("constraints:") }
        for constraint in constraints {
            lines.append("  - \(quoted(constraint.text(space.map(\.name))))")
        }
        if !specification.pointsToEvaluate.isEmpty { lines.append("points_to_evaluate:") }
        for point in specification.pointsToEvaluate {
            let values = zip(space, point).compactMap { hyperparameter, value in
                value.map { "\(key(hyperparameter.name)): \(text(of: $0))" }
            }
            lines.append("  - {\(values.joined(separator: ", "))}")
        }
        if !specification.schedule.isEmpty { lines.append("schedule:") }
        for segment in specification.schedule.segments {
            let values = zip(space, segment.hyperparameters).map { hyperparameter, value in
                "\(key(hyperparameter.name)): \(text(of: value))"
            }
            lines.append(
                "  - {end: \(segment.end), hyperparameters: {\(values.joined(separator: ", "))}}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameter when: Its conditions.
    private static func text(of domain: Domain, when: [String]) -> String {
        var fields = domain.fields.map { "\($0.key): \(text(of: $0.value))" }
        if !when.isEmpty { fields.append("when: {\(when.joined(separator: ", "))}") }
        return "{" + (["type: \(domain.name)"] + fields).joined(separator: ", ") + "}"
    }

    private static func text(of field: DomainField) -> String {
        switch field {
        case .number(let number): "\(number)"
        case .integer(let integer): "\(integer)"
        case .word(let word): word
        case .value(let value): text(of: value)
        case .values(let values): text(of: values)
        }
    }

    private static func text(of values: [Value]) -> String {
        "[\(values.map { text(of: $0) }.joined(separator: ", "))]"
    }

    private static func text(of value: Value) -> String {
        switch value {
        case .number(let number): "\(number)"
        case .integer(let integer): "\(integer)"
        case .text(let text): quoted(text)
        case .flag(let flag): "\(flag)"
        case .json(let text): text
        }
    }

    /// Plain where every reader of YAML takes it for a text.
    private static func key(_ name: String) -> String {
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        let isPlain =
            name.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || Character(Unicode.Scalar($0)).isASCIIWord
            }
            && name.first?.isLetter == true && !words.contains(name.lowercased())
        return isPlain ? name : quoted(name)
    }

    /// In double quotes, with escapes for what YAML does not take as it is.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if isPlain(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escape(scalar)
                }
            }
        }
        return result + "\""
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
            .surrogate:
            false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) =
            scalar.value <= 0xff ? ("x", 2) : scalar.value <= 0xffff ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - hex.count) + hex
    }
}

extension Character {
    fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber) }
}
