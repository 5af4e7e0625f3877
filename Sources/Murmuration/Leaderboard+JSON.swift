extension Leaderboard {
    /// The board as one line of JSON: keys in snake case and sorted, hyperparameters as an object,
    /// scores that are no numbers as "nan", "inf" and "-inf". Equal boards give equal texts.
    public var json: String { JSONLine.text(self) }

    /// Reads what ``json`` wrote.
    public init(json: String) throws {
        self = try JSONLine.decode(Self.self, from: json)
    }
}

extension Hyperparameters: Codable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in self { try container.encode(value, forKey: Name(name)) }
    }

    /// The order of a JSON object means nothing, so the names come sorted.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            self[key.stringValue] = try container.decode(HyperparameterValue.self, forKey: key)
        }
    }
}

extension HyperparameterValue: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .integer(let integer): try container.encode(integer)
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        case .list(let list): try container.encode(list)
        case .null: try container.encodeNil()
        }
    }

    /// JSON does not tell 1.0 from 1: a whole number is read as an integer.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([HyperparameterValue].self) {
            self = .list(list)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}
