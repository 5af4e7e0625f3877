/// The coordinator's answer to a report: what the worker does next.
public struct Directive: Hashable, Sendable {
    public enum Action: String, Hashable, Sendable, Codable {
        /// Train on.
        case `continue`
        /// Load `checkpoint`, the donor's, and train on with the new `hyperparameters`.
        case exploit
        /// Train another member: load `checkpoint`, or start afresh without one, and train with
        /// `hyperparameters` from `step` on.
        case `switch`
        /// There is nothing more to train.
        case stop
    }

    public var action: Action
    /// The member that is trained next.
    public var member: Int
    /// The step to train on from.
    public var step: Int
    /// The step to report at.
    public var targetStep: Int
    /// What to load, with `exploit` and `switch`; `nil` otherwise, and for a fresh start.
    public var checkpoint: String?
    /// What to train with.
    public var hyperparameters: Hyperparameters
    /// The member that is copied, with `exploit`.
    public var donor: Int?
    /// Why, with `stop`.
    public var reason: String?
}
