import ArgumentParser
import Histories
import Murmuration

import struct Evolution.Setting
import enum Evolution.SettingValue

/// The settings of a table as options, one for each: `--min-population-size`.
///
/// What the options are is only known at run time, so it says itself what the library else reads off a
/// type's properties.
struct SettingOptions<Table: SettingTable>: ParsableArguments, CustomReflectable {
    private var texts: [(setting: Setting, text: String)] = []
    private(set) var values = Population.Settings()

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for setting in Setting.all {
            let option = try container.decode(Option<String?>.self, forKey: Key(setting))
            if let text = option.wrappedValue { texts.append((setting, text)) }
        }
    }

    mutating func validate() throws {
        for (setting, text) in texts {
            let name = setting.optionName
            guard let value = setting.value(ofOption: text) else {
                if setting.isTooLarge(text) {
                    throw ValidationError("--\(name): \(setting.outside(text))")
                }
                throw ValidationError(
                    "--\(name) '\(Terminal.escaped(text))' is no such value; write "
                        + "\(setting.wantedOption).")
            }
            // None is said as such.
            let isNumberForNone = value == setting.none && text != "none"
            let fault = isNumberForNone ? setting.outside(text) : setting.fault(of: value)
            if let fault { throw ValidationError("--\(name): \(fault)") }
            guard Table.isNew || setting.isSteerable else {
                throw ValidationError(
                    "--\(name) is fixed when a population is made; make another population.")
            }
            values[setting.name] = Population.Settings.Value(value)
        }
    }

    var customMirror: Mirror {
        let children = Setting.all.map { setting in
            let option = Option<String?>(
                name: .customLong(setting.optionName),
                help: ArgumentHelp(
                    "\(setting.summary)\(Table.isNew ? setting.defaultNote : "")",
                    valueName: setting.valueName,
                    visibility: Table.isNew || setting.isSteerable ? .default : .hidden))
            return (label: "_" + Key(setting).stringValue, value: option as Any)
        }
        return Mirror(self, children: children.map { ($0.label, $0.value) }, displayStyle: .struct)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ setting: Setting) { stringValue = setting.name }
        init?(stringValue: String) {
            guard Setting.named(stringValue) != nil else { return nil }
            self.stringValue = stringValue
        }
        init?(intValue: Int) { nil }
    }
}

protocol SettingTable: Sendable {
    /// They are those of a population that is to be made.
    static var isNew: Bool { get }
}

enum NewPopulation: SettingTable {
    static var isNew: Bool { true }
}

/// One that trains: what is fixed then is an option too, which says so.
enum TrainingPopulation: SettingTable {
    static var isNew: Bool { false }
}

extension Setting {
    /// As an option of the command line, without the dashes.
    var optionName: String { name.replacing("_", with: "-") }

    /// What to write for an option.
    fileprivate var wantedOption: String {
        switch kind {
        case .factors: "numbers with commas between them, such as 0.8,1.25"
        case .multiples: "whole numbers with commas between them, such as 1,10"
        default: wanted + (mayBeNone ? ", or none" : "")
        }
    }

    fileprivate var defaultNote: String {
        let otherwise = standard.map { ", or \($0)" } ?? ""
        return " (default: the space file's\(otherwise))"
    }

    /// Whether it is a whole number all the same, which is larger than any that a setting can be.
    fileprivate func isTooLarge(_ text: String) -> Bool {
        switch kind {
        case .integer, .integerOrNone:
            !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
        default: false
        }
    }

    /// What stands for its value in a help text.
    fileprivate var valueName: String {
        switch kind {
        case .integer(_, let unit), .integerOrNone(_, let unit):
            unit.split(separator: " ").last.map(String.init) ?? "n"
        case .number, .positive: "number"
        case .secondsOrNone: "seconds"
        case .flag: "true|false"
        case .word(let words): words.joined(separator: "|")
        case .factors, .multiples: "numbers"
        }
    }

    /// `nil` when the text is no value of its kind.
    fileprivate func value(ofOption text: String) -> SettingValue? {
        if mayBeNone, text == "none" { return none }
        switch kind {
        case .integer, .integerOrNone: return UInt64(text).map(SettingValue.integer)
        case .number, .positive, .secondsOrNone: return Double(text).map(SettingValue.number)
        case .flag: return Bool(text).map(SettingValue.flag)
        case .word: return .word(text)
        case .factors, .multiples:
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
                Double(String($0).trimmingPrefix(" "))
            }
            return parts.contains { $0 == nil } ? nil : .numbers(parts.compactMap(\.self))
        }
    }
}
