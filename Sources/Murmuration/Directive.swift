/// The coordinator's answer to a report: what the worker does next.
public struct Directive: Hashable, Sendable {
    public enum Action: String, Hashable, Sendable, Codable {
        /// Train on.
        case `continue`
        /// Load `checkpoint`, the donor's, and train on with the new `hyperparameters`.
        case exploit
        /// Train another member: load `checkpoint`, or start afresh without one, and train with
        /// `hyperparameters` from `step` on. A worker that keeps its member is told so too when it
        /// lost that one for a while: what it trained meanwhile is not the member's.
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
    /// The step of the donor's state that is copied, with `exploit`.
    public var donorStep: Int?
    /// The score of the donor's state that is copied, with `exploit`.
    public var donorScore: Double?
    /// What the donor's state was trained with, with `exploit`; exploring made `hyperparameters`
    /// of them.
    public var donorHyperparameters: Hyperparameters?
    /// Why, with `stop`, as people may be shown it.
    public var reason: String?
    /// Whether the report that this answers is in the history; not when its lease had lapsed.
    public var recorded = true
}
