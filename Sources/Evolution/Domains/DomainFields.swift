/// What a space file says of one hyperparameter, by key.
///
/// Whoever reads a file says in `Failure` where in it something is wrong.
package protocol DomainFields<Failure> {
    associatedtype Failure: Error

    /// Whether the file says anything of it.
    func has(_ key: String) -> Bool
    /// A finite number.
    func number(_ key: String) throws(Failure) -> Double
    /// A whole number.
    func integer(_ key: String) throws(Failure) -> Int64
    /// A scale; linear when the file says nothing of it.
    func scale(_ key: String) throws(Failure) -> Scale
    /// One of a few words.
    func word(_ key: String, among words: [String]) throws(Failure) -> String
    /// A list of values.
    func values(_ key: String) throws(Failure) -> [Value]
    /// A single value.
    func value(_ key: String) throws(Failure) -> Value

    /// The error for a fault that shows only when several fields are seen together.
    ///
    /// - Parameter reason: A sentence that says what is wrong and what to do.
    func fail(_ reason: String) -> Failure
}

/// What a space file says after one key of a hyperparameter.
package enum DomainField: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    /// One of a few words that need no quotes.
    case word(String)
    case value(Value)
    case values([Value])
}
