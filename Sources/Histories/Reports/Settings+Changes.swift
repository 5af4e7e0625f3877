import Murmuration

import struct Evolution.Setting
import enum Evolution.SettingValue

extension Population.Settings {
    /// Each setting that changed, as "interval 10 → 20".
    package func changes(from before: Self) -> [String] {
        names.map { name in
            let old = before[name].map { "\(Self.text($0, of: name)) → " } ?? ""
            let new = self[name].map { Self.text($0, of: name) } ?? ""
            return "\(Terminal.escaped(name)) \(old)\(new)"
        }
    }

    /// A setting and what it is.
    package static func text(_ name: String, _ value: Value?) -> String {
        "\(name) \(value.map { text($0, of: name) } ?? "unknown")"
    }

    private static func text(_ value: Value, of name: String) -> String {
        let none = Setting.named(name)?.none.map(Value.init)
        if value == none { return "none" }
        if case .number(let number) = value { return NumberText.score(number) }
        return Terminal.escaped(value.description)
    }
}

extension Population.Settings.Value {
    package init(_ value: SettingValue) {
        self =
            switch value {
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .flag(let flag): .flag(flag)
            case .word(let word): .word(word)
            case .numbers(let numbers): .numbers(numbers)
            }
    }
}
