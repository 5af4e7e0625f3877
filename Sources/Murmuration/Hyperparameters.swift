import Messages

/// The value of one hyperparameter.
public enum HyperparameterValue: Hashable, Sendable {
    case number(Double)
    case integer(Int)
    case text(String)
    case flag(Bool)
    /// Of a choice that has lists as values, or null.
    case list([HyperparameterValue])
    case null

    /// The value as a floating-point number; an integer counts as one.
    public var number: Double? {
        switch self {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        case .text, .flag, .list, .null: nil
        }
    }

    public var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    public var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    public var list: [HyperparameterValue]? {
        if case .list(let list) = self { list } else { nil }
    }
}

extension HyperparameterValue: CustomStringConvertible {
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .integer(let integer): "\(integer)"
        case .text(let text): text
        case .flag(let flag): "\(flag)"
        case .list: JSONLine.text(self)
        case .null: "null"
        }
    }
}

extension HyperparameterValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    public init(arrayLiteral elements: HyperparameterValue...) { self = .list(elements) }
}

/// Hyperparameters by name, in the order of the search space.
///
/// Two are equal when they have the same values under the same names, in whatever order.
public struct Hyperparameters: Sendable {
    public private(set) var names: [String] = []
    private var values: [String: HyperparameterValue] = [:]

    public init() {}

    public subscript(name: String) -> HyperparameterValue? {
        get { values[name] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
            } else if values.removeValue(forKey: name) != nil {
                names.removeAll { $0 == name }
            }
        }
    }

    /// Those of a group, by what follows its name: `lr` for `optimizer.lr`, where the group is
    /// `optimizer`. Without any, when there is no such group.
    public func group(_ name: String) -> Hyperparameters {
        var group = Hyperparameters()
        for (path, value) in self where path.hasPrefix(name + ".") {
            group[String(path.dropFirst(name.count + 1))] = value
        }
        return group
    }

    /// The number of this name; an integer counts as one.
    public func number(_ name: String) throws(MurmurationError) -> Double {
        guard let number = values[name]?.number else {
            throw .noHyperparameter(name: name, type: "a number")
        }
        return number
    }

    public func integer(_ name: String) throws(MurmurationError) -> Int {
        guard let integer = values[name]?.integer else {
            throw .noHyperparameter(name: name, type: "an integer")
        }
        return integer
    }

    public func text(_ name: String) throws(MurmurationError) -> String {
        guard let text = values[name]?.text else {
            throw .noHyperparameter(name: name, type: "a text")
        }
        return text
    }

    public func flag(_ name: String) throws(MurmurationError) -> Bool {
        guard let flag = values[name]?.flag else {
            throw .noHyperparameter(name: name, type: "true or false")
        }
        return flag
    }
}

extension Hyperparameters: Hashable {
    public static func == (left: Hyperparameters, right: Hyperparameters) -> Bool {
        left.values == right.values
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(values)
    }
}

extension Hyperparameters: RandomAccessCollection {
    public typealias Element = (name: String, value: HyperparameterValue)

    public var startIndex: Int { 0 }
    public var endIndex: Int { names.count }

    public subscript(position: Int) -> Element {
        let name = names[position]
        guard let value = values[name] else { preconditionFailure("Every name has a value.") }
        return (name, value)
    }
}

extension Sequence<Hyperparameters> {
    /// The names of all of them, in the order that they have in each.
    package var allNames: [String] {
        var names: [String] = []
        var known: Set<String> = []
        for each in self where !each.names.allSatisfy(known.contains) {
            // One that is new goes behind the one that it follows.
            var place = 0
            for name in each.names {
                if known.insert(name).inserted {
                    names.insert(name, at: place)
                    place += 1
                } else if let found = names.firstIndex(of: name) {
                    place = Swift.max(place, found + 1)
                }
            }
        }
        return names
    }
}

extension Hyperparameters: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, HyperparameterValue)...) {
        for (name, value) in elements { self[name] = value }
    }
}

extension Hyperparameters: CustomStringConvertible {
    public var description: String {
        map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}

// MARK: - On the wire

extension Hyperparameters {
    package init(_ wire: [WireHyperparameter]) {
        for item in wire { self[item.name] = HyperparameterValue(item.value) }
    }

    package var wire: [WireHyperparameter] {
        map { name, value in
            var item = WireHyperparameter()
            item.name = name
            item.value = value.wire
            return item
        }
    }
}

extension HyperparameterValue {
    /// `nil` for a kind of value that this version does not know.
    init?(_ wire: WireValue) {
        switch wire.kind {
        case .number(let number): self = .number(number)
        case .integer(let integer): self = .integer(Int(integer))
        case .text(let text): self = .text(text)
        case .flag(let flag): self = .flag(flag)
        case .json(let text):
            guard let value = try? JSONLine.decode(HyperparameterValue.self, from: text) else {
                return nil
            }
            self = value
        case nil: return nil
        }
    }

    var wire: WireValue {
        var wire = WireValue()
        switch self {
        case .number(let number): wire.number = number
        case .integer(let integer): wire.integer = Int64(integer)
        case .text(let text): wire.text = text
        case .flag(let flag): wire.flag = flag
        case .list, .null: wire.json = description
        }
        return wire
    }
}
