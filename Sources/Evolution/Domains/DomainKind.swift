/// One kind of domain: how a space file writes it, which values it has, and how exploring leads
/// from one of them to another.
///
/// A new kind is a file with a type that conforms, and its lines in ``Domain``.
package protocol DomainKind: Hashable, Sendable {
    /// The word after `type:` in a space file.
    static var name: String { get }
    /// The other keys that its mapping in a space file may have, in the order of ``fields``.
    static var keys: [String] { get }

    /// Reads what a space file says.
    ///
    /// - Throws: What `fields` throws, or what it makes of a range that no `ClosedRange` can be.
    ///   Everything else that keeps it from being searched is in ``fault``.
    init<Fields: DomainFields>(_ fields: Fields) throws(Fields.Failure)

    /// What a space file says beside the type. It reads back as an equal domain.
    var fields: [(key: String, value: DomainField)] { get }

    /// The domain that is of this kind.
    var domain: Domain { get }

    /// What keeps it from being searched, as a sentence; `nil` when nothing does.
    var fault: String? { get }

    /// Values so few that a change is a jump: it then happens with `mutationProbability`.
    var hasFewValues: Bool { get }

    /// The value in the form that this domain has: 1 as 1.0 for a number, 32.0 as 32 for an
    /// integer. A value that has no such form stays as it is.
    func typed(_ value: Value) -> Value

    /// Whether exploring could have led to the value.
    func contains(_ value: Value) -> Bool

    /// A value of the domain, each as likely in its scale.
    func draw(_ draws: inout Draws) -> Value

    /// Another value near `value`, or `nil` when `value` has no place in the domain from which
    /// to move.
    ///
    /// A value that was set outside the bounds is first brought to the nearer one.
    func perturb(_ value: Value, factors: [Double], _ draws: inout Draws) -> Value?

    /// How perturbing led from one value to the other, in words such as "× 0.8"; `nil` when it
    /// cannot be told.
    func move(from: Value, to: Value, factors: [Double]) -> String?
}
