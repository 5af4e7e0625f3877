@testable import Evolution

/// What a file says of one hyperparameter, without the file.
struct WrittenFields: DomainFields {
    struct Failure: Error, Hashable {
        var reason: String
    }

    private var fields: [String: DomainField]

    init(_ fields: [(key: String, value: DomainField)]) {
        self.fields = Dictionary(uniqueKeysWithValues: fields.map { ($0.key, $0.value) })
    }

    func has(_ key: String) -> Bool { fields[key] != nil }

    func number(_ key: String) throws(Failure) -> Double {
        guard case .number(let number) = fields[key] else { throw missing("number", key) }
        return number
    }

    func integer(_ key: String) throws(Failure) -> Int64 {
        guard case .integer(let integer) = fields[key] else { throw missing("integer", key) }
        return integer
    }

    func scale(_ key: String) throws(Failure) -> Scale {
        guard let field = fields[key] else { return .linear }
        guard case .word(let word) = field, let scale = Scale(rawValue: word) else {
            throw missing("scale", key)
        }
        return scale
    }

    func word(_ key: String, among words: [String]) throws(Failure) -> String {
        guard case .word(let word) = fields[key], words.contains(word) else {
            throw missing("word", key)
        }
        return word
    }

    func values(_ key: String) throws(Failure) -> [Value] {
        guard case .values(let values) = fields[key] else { throw missing("values", key) }
        return values
    }

    func value(_ key: String) throws(Failure) -> Value {
        guard case .value(let value) = fields[key] else { throw missing("value", key) }
        return value
    }

    func fail(_ reason: String) -> Failure { Failure(reason: reason) }

    private func missing(_ noun: String, _ key: String) -> Failure {
        fail("There is no \(noun) “\(key)”.")
    }
}
