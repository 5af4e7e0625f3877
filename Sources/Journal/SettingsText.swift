import Evolution

/// Settings that changed as the journal writes them: a JSON object with each of them, by its name in a
/// space file, and under the same name with `_before` what it was. No last step is 0; a list of numbers
/// is a text with spaces between them.
enum SettingsText {
    private static let before = "_before"

    static func write(before: SettingValues, after: SettingValues) -> String {
        FlatJSON.write(
            pairs(after) + pairs(before).map { (name: $0.name + Self.before, value: $0.value) })
    }

    /// `nil` when the text is not what `write` makes.
    static func read(_ text: String) -> (before: SettingValues, after: SettingValues)? {
        guard let pairs = FlatJSON.read(text) else { return nil }
        var (old, new) = (SettingValues(), SettingValues())
        for (name, value) in pairs {
            let isOld = name.hasSuffix(before)
            let name = isOld ? String(name.dropLast(before.count)) : name
            guard let value = settingValue(value, of: name) else { return nil }
            if isOld { old[name] = value } else { new[name] = value }
        }
        return (old, new)
    }

    private static func pairs(_ values: SettingValues) -> [(name: String, value: Value)] {
        values.pairs.map { (name: $0.name, value: value($0.value)) }
    }

    private static func value(_ value: SettingValue) -> Value {
        switch value {
        // What may change is no larger.
        case .integer(let integer): .integer(Int64(clamping: integer))
        case .number(let number): .number(number)
        case .flag(let flag): .flag(flag)
        case .word(let word): .text(word)
        case .numbers(let numbers): .text(numbers.map { "\($0)" }.joined(separator: " "))
        }
    }

    private static func settingValue(_ value: Value, of name: String) -> SettingValue? {
        guard let setting = Setting.named(name) else { return nil }
        let read: SettingValue? =
            switch (setting.kind, value) {
            case (.factors, .text(let text)), (.multiples, .text(let text)):
                .numbers(text.split(separator: " ").compactMap { Double($0) })
            case (_, .text(let word)): .word(word)
            case (_, .integer(let integer)): UInt64(exactly: integer).map(SettingValue.integer)
            case (_, .number(let number)): .number(number)
            case (_, .flag(let flag)): .flag(flag)
            // No setting is a list.
            case (_, .json): nil
            }
        return read.flatMap { setting.fault(of: $0) == nil ? $0 : nil }
    }
}
