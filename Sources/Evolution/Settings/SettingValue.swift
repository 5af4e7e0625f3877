/// What a setting of a population has.
package enum SettingValue: Hashable, Sendable {
    /// A count, a step or a seed.
    case integer(UInt64)
    case number(Double)
    case flag(Bool)
    /// One of a few words.
    case word(String)
    case numbers([Double])
}

extension SettingValue: CustomStringConvertible {
    /// As a space file has it.
    package var description: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .word(let word): word
        case .numbers(let numbers):
            "[\(numbers.map(Self.text).joined(separator: ", "))]"
        }
    }

    /// Those of a list may be counts.
    private static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}

extension SettingValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    package init(integerLiteral integer: UInt64) { self = .integer(integer) }
    package init(floatLiteral number: Double) { self = .number(number) }
    package init(booleanLiteral flag: Bool) { self = .flag(flag) }
    package init(stringLiteral word: String) { self = .word(word) }
    package init(arrayLiteral numbers: Double...) { self = .numbers(numbers) }
}

/// Settings by their names: those to change, or those that a population has.
package struct SettingValues: Hashable, Sendable {
    private var values: [String: SettingValue] = [:]

    package init() {}

    package subscript(name: String) -> SettingValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    package var isEmpty: Bool { values.isEmpty }

    /// By the order of the table of settings, and after them by name those that it does not have.
    package var pairs: [(name: String, value: SettingValue)] {
        let known = Setting.all.compactMap { setting in
            values[setting.name].map { (name: setting.name, value: $0) }
        }
        if known.count == values.count { return known }
        let unknown = values.filter { Setting.named($0.key) == nil }.sorted { $0.key < $1.key }
        return known + unknown.map { (name: $0.key, value: $0.value) }
    }

    package func contains(_ name: String) -> Bool { values[name] != nil }

    /// Whether members may be ranked otherwise when these are set, or elsewhere.
    var changesRanking: Bool {
        contains("max_steps") || contains(SelectionStrategy.setting.name)
            || contains(Islands.frequenciesSetting.name)
            || Setting.all.contains { $0.section == .ranking && contains($0.name) }
    }
}

extension SettingValues: CustomStringConvertible {
    package var description: String {
        pairs.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
    }
}

extension SettingValues: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral pairs: (String, SettingValue)...) {
        for (name, value) in pairs { values[name] = value }
    }
}
