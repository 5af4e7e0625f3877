import Messages

import enum Evolution.SettingValue

extension Population {
    /// Settings of a population by their names, as a space file has them: what it evolves by, or what
    /// is to change.
    ///
    ///     try await administrator.set(["max_steps": 400, "selection": "tournament"])
    ///
    /// Which there are is in the documentation's table of settings. The coordinator refuses names and
    /// values that it does not know, and says which there are.
    public struct Settings: Hashable, Sendable, ExpressibleByDictionaryLiteral {
        /// In the coordinator's order.
        private var pairs: [Pair] = []

        private struct Pair: Sendable {
            var name: String
            var value: Value
        }

        /// What a setting is.
        public enum Value: Hashable, Sendable {
            /// A count, a step or a seed; 0 for none, where there may be none.
            case integer(UInt64)
            case number(Double)
            case flag(Bool)
            /// One of a few words.
            case word(String)
            case numbers([Double])
        }

        public init() {}

        public init(dictionaryLiteral pairs: (String, Value)...) {
            for (name, value) in pairs { self[name] = value }
        }

        /// What a setting is; `nil` when it is not said.
        public subscript(name: String) -> Value? {
            get { pairs.first { $0.name == name }?.value }
            set {
                let index = pairs.firstIndex { $0.name == name }
                switch (index, newValue) {
                case (let index?, let value?): pairs[index].value = value
                case (let index?, nil): pairs.remove(at: index)
                case (nil, let value?): pairs.append(Pair(name: name, value: value))
                case (nil, nil): break
                }
            }
        }

        /// Of the settings that are said.
        public var names: [String] { pairs.map(\.name) }

        private var values: [String: Value] {
            Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        }

        /// In whatever order they are.
        public static func == (one: Self, other: Self) -> Bool { one.values == other.values }

        public func hash(into hasher: inout Hasher) { hasher.combine(values) }

        public var isEmpty: Bool { pairs.isEmpty }
    }
}

extension Population.Settings.Value: CustomStringConvertible {
    /// As a space file has it.
    public var description: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .word(let word): word
        case .numbers(let numbers): "\(SettingValue.numbers(numbers))"
        }
    }

    /// As a number, which counts are too.
    public var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .flag, .word, .numbers: nil
        }
    }
}

extension Population.Settings.Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    public init(integerLiteral integer: UInt64) { self = .integer(integer) }
    public init(floatLiteral number: Double) { self = .number(number) }
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
    public init(stringLiteral word: String) { self = .word(word) }
    public init(arrayLiteral numbers: Double...) { self = .numbers(numbers) }
}

// MARK: - As JSON

extension Population.Settings: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            self[key.stringValue] = try container.decode(Value.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for pair in pairs { try container.encode(pair.value, forKey: Name(pair.name)) }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension Population.Settings.Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(UInt64.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let word = try? container.decode(String.self) {
            self = .word(word)
        } else {
            self = .numbers(try container.decode([Double].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .word(let word): try container.encode(word)
        case .numbers(let numbers): try container.encode(numbers)
        }
    }
}

// MARK: - On the wire

extension Population.Settings {
    init(_ wire: [WireSetting]) {
        for setting in wire { self[setting.name] = Value(setting) }
    }

    var wire: [WireSetting] {
        pairs.map { pair in
            var setting = WireSetting()
            setting.name = pair.name
            switch pair.value {
            case .integer(let integer): setting.integer = integer
            case .number(let number): setting.number = number
            case .flag(let flag): setting.flag = flag
            case .word(let word): setting.word = word
            case .numbers(let numbers): setting.numbers.numbers = numbers
            }
            return setting
        }
    }
}

extension Population.Settings.Value {
    /// `nil` for a kind that this version does not know.
    fileprivate init?(_ wire: WireSetting) {
        switch wire.value {
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .number(number)
        case .flag(let flag): self = .flag(flag)
        case .word(let word): self = .word(word)
        case .numbers(let numbers): self = .numbers(numbers.numbers)
        case nil: return nil
        }
    }
}
