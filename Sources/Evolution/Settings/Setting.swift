/// One setting of a population: what a space file, an option of the command line, a request, the
/// journal and the documentation say of it. The tables of settings are the only lists of them.
package struct Setting: Sendable {
    /// As a space file has it: `min_population_size`.
    package let name: String
    package let section: Section
    package let kind: Kind
    /// What it is when nobody says it; `nil` when there is none then.
    package let standard: SettingValue?
    /// A sentence that says what it does.
    package let summary: String
    /// It may change while the population trains.
    package let isSteerable: Bool
    private let part: Part?

    /// The part of a space file that has it.
    package enum Section: String, CaseIterable, Sendable {
        /// The file itself.
        case population
        case ranking
        case selection
        case exploration
    }

    package enum Kind: Sendable {
        case integer(ClosedRange<UInt64>, unit: String)
        /// As `integer`; 0 stands for none, which a space file says by leaving it out.
        case integerOrNone(ClosedRange<UInt64>, unit: String)
        case number(ClosedRange<Double>)
        /// Above 0.
        case positive(upTo: Double)
        /// As `positive`; 0 stands for none, which a space file says by leaving it out.
        case secondsOrNone(upTo: Double)
        case flag
        case word([String])
        /// From one to so many numbers above 0.
        case factors(upTo: Int)
        /// From one to so many whole numbers above 0, each larger than the one before.
        case multiples(upTo: Int)
    }

    /// Where a specification keeps it, when that is not among its parameters.
    struct Part: Sendable {
        var get: @Sendable (Specification) -> SettingValue?
        var set: @Sendable (inout Specification, SettingValue) -> Void
    }

    /// A setting that a specification keeps in a part of its own.
    init(
        _ name: String, in section: Section = .population, _ kind: Kind,
        default standard: SettingValue? = nil, isSteerable: Bool = false, _ summary: String,
        part: Part
    ) {
        self.name = name
        self.section = section
        self.kind = kind
        self.standard = standard
        self.summary = summary
        self.isSteerable = isSteerable
        self.part = part
    }

    /// A parameter of a strategy.
    package init(
        _ name: String, in section: Section, _ kind: Kind, default standard: SettingValue,
        _ summary: String
    ) {
        self.name = name
        self.section = section
        self.kind = kind
        self.standard = standard
        self.summary = summary
        isSteerable = true
        part = nil
    }

    /// All settings, in the order in which a space file has them.
    package static let all: [Setting] =
        ofPopulation + RankingStrategy.settings + SelectionStrategy.settings
        + ExplorationStrategy.settings

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static func named(_ name: String) -> Setting? { byName[name] }

    package static func of(_ section: Section) -> [Setting] { all.filter { $0.section == section } }

    /// Its name within its section: a strategy is its `type`.
    package var key: String { name == section.rawValue ? "type" : name }

    /// Those that may change while a population trains.
    package static var steerable: [Setting] { all.filter(\.isSteerable) }

    /// Whether nothing is said by leaving it out of a space file.
    package var mayBeNone: Bool {
        switch kind {
        case .integerOrNone, .secondsOrNone: true
        case .integer, .number, .positive, .flag, .word, .factors, .multiples: false
        }
    }

    /// The value in the form that the setting has: 1 as 1.0 for a number, 5.0 as 5 for a count. A
    /// value that has no such form stays as it is.
    package func typed(_ value: SettingValue) -> SettingValue {
        switch (kind, value) {
        case (.number, .integer(let integer)), (.positive, .integer(let integer)),
            (.secondsOrNone, .integer(let integer)):
            .number(Double(integer))
        case (.integer, .number(let number)), (.integerOrNone, .number(let number)):
            UInt64(exactly: number).map(SettingValue.integer) ?? value
        default: value
        }
    }

    /// What is wrong with a value, as a sentence that says what to do.
    package func fault(of value: SettingValue) -> String? {
        switch (kind, value) {
        case (.integer(let range, _), .integer(let integer)):
            return range.contains(integer) ? nil : outside("\(integer)")
        case (.integerOrNone(let range, _), .integer(let integer)):
            return integer == 0 || range.contains(integer) ? nil : outside("\(integer)")
        case (.number(let range), .number(let number)):
            return range.contains(number) ? nil : outside("\(number)")
        case (.positive(let most), .number(let number)):
            return number > 0 && number <= most ? nil : outside("\(number)")
        case (.secondsOrNone(let most), .number(let number)):
            return number >= 0 && number <= most ? nil : outside("\(number)")
        case (.flag, .flag): return nil
        case (.word(let words), .word(let word)):
            return words.contains(word) ? nil : outside("“\(word.escapingControls.prefix(80))”")
        case (.factors(let most), .numbers(let numbers)):
            return Self.faultOfFactors(numbers, upTo: most)
        case (.multiples(let most), .numbers(let numbers)):
            return Self.faultOfMultiples(numbers, upTo: most)
        default:
            return outside("\(value.description.escapingControls.prefix(80))")
        }
    }

    /// A sentence about what the setting cannot be.
    package func outside(_ text: String) -> String {
        switch kind {
        case .integer(let range, let unit), .integerOrNone(let range, let unit):
            "It is \(text); write from \(range.lowerBound) to \(range.upperBound) \(unit)."
        case .number(let range):
            "It is \(text); write a number from \(range.lowerBound) to \(range.upperBound)."
        case .positive(let most): "It is \(text); write a number above 0, up to \(most)."
        case .secondsOrNone(let most):
            "It is \(text); write a number of seconds above 0, up to \(most)."
        case .flag, .word, .factors, .multiples: "It is \(text); write \(wanted)."
        }
    }

    private static func faultOfFactors(_ numbers: [Double], upTo most: Int) -> String? {
        if numbers.isEmpty || numbers.count > most {
            return "There are \(numbers.count) factors; write from 1 to \(most), such as 0.8 and "
                + "1.25."
        }
        return numbers.first { !($0.isFinite && $0 > 0) }.map {
            "\($0) cannot be a factor; write finite numbers above 0."
        }
    }

    /// Multiples are no larger.
    static let largestMultiple = 10_000.0

    private static func faultOfMultiples(_ numbers: [Double], upTo most: Int) -> String? {
        if numbers.isEmpty || numbers.count > most {
            return "There are \(numbers.count) of them; write from 1 to \(most), such as 1 and 10."
        }
        let areWhole = numbers.allSatisfy {
            $0 == $0.rounded() && (1...largestMultiple).contains($0)
        }
        if !areWhole {
            return "It is \(SettingValue.numbers(numbers)); write whole numbers from 1 to "
                + "\(Int(largestMultiple))."
        }
        return zip(numbers, numbers.dropFirst()).allSatisfy(<)
            ? nil
            : "It is \(SettingValue.numbers(numbers)); write each one larger than the one before."
    }

    /// What a value of its kind is called.
    package var wanted: String {
        switch kind {
        case .integer, .integerOrNone: "a whole number"
        case .number, .positive, .secondsOrNone: "a number"
        case .flag: "true or false"
        case .word(let words): Self.listed(words)
        case .factors: "a list of numbers, such as [0.8, 1.25]"
        case .multiples: "a list of whole numbers, such as [1, 10]"
        }
    }

    private static func listed(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension Specification {
    /// What a setting is here; `nil` when there is none.
    package subscript(setting setting: Setting) -> SettingValue? {
        get { setting.value(in: self) }
        set {
            guard let newValue else { return }
            setting.set(newValue, in: &self)
        }
    }

    /// What it has: also of strategies that it does not use, where it was said.
    package var settings: SettingValues {
        var values = SettingValues()
        for setting in Setting.all { values[setting.name] = self[setting: setting] ?? setting.none }
        return values
    }

    /// Takes over values that have no fault.
    package mutating func apply(_ values: SettingValues) {
        for (name, value) in values.pairs {
            if let setting = Setting.named(name) { self[setting: setting] = value }
        }
    }

    /// What the values change, as it is now: what undoes them.
    package func undoing(_ values: SettingValues) -> SettingValues {
        var now = SettingValues()
        for (name, _) in values.pairs {
            guard let setting = Setting.named(name) else { continue }
            now[name] = self[setting: setting] ?? setting.none
        }
        return now
    }

    /// What keeps values from being set, of the first of them.
    ///
    /// - Parameter isTraining: the population is there already.
    package static func fault(
        of values: SettingValues, isTraining: Bool
    ) -> SpecificationError? {
        for (name, value) in values.pairs {
            guard let setting = Setting.named(name) else {
                let names = isTraining ? Setting.steerable : Setting.all
                return SpecificationError(
                    option: String(name.escapingControls.prefix(80)),
                    reason: "There is no such setting; there are "
                        + "\(names.map(\.name).joined(separator: ", ")).")
            }
            if isTraining, !setting.isSteerable {
                return SpecificationError(
                    option: name,
                    reason: "It is fixed when a population is made; make another population.")
            }
            if let fault = setting.fault(of: value) {
                return SpecificationError(option: name, reason: fault)
            }
        }
        return nil
    }
}

extension Setting {
    /// The value that stands for none, for a setting that may have none.
    package var none: SettingValue? {
        switch kind {
        case .integerOrNone: .integer(0)
        case .secondsOrNone: .number(0)
        case .integer, .number, .positive, .flag, .word, .factors, .multiples: nil
        }
    }

    fileprivate func value(in specification: Specification) -> SettingValue? {
        part?.get(specification) ?? specification.parameters[name] ?? standard
    }

    fileprivate func set(_ value: SettingValue, in specification: inout Specification) {
        if let part {
            part.set(&specification, value)
        } else {
            // So that a specification equals another one that has the same said.
            specification.parameters[name] = value == standard ? nil : value
        }
    }
}

// MARK: - Parameters, as what they are

extension Specification {
    /// A parameter whose kind is a number.
    func number(_ setting: Setting) -> Double {
        guard case .number(let number) = self[setting: setting] else {
            preconditionFailure("\(setting.name) is no number.")
        }
        return number
    }

    func integer(_ setting: Setting) -> Int {
        guard case .integer(let integer) = self[setting: setting] else {
            preconditionFailure("\(setting.name) is no integer.")
        }
        return Int(clamping: integer)
    }

    func numbers(_ setting: Setting) -> [Double] {
        guard case .numbers(let numbers) = self[setting: setting] else {
            preconditionFailure("\(setting.name) is no list of numbers.")
        }
        return numbers
    }

    func word(_ setting: Setting) -> String {
        guard case .word(let word) = self[setting: setting] else {
            preconditionFailure("\(setting.name) is no word.")
        }
        return word
    }
}
