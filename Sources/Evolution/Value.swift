/// The value of one hyperparameter.
package enum Value: Hashable, Sendable {
    case number(Double)
    case integer(Int64)
    case text(String)
    case flag(Bool)
}
