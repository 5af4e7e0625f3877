import Messages
import ZeroMQ

/// Where the load goes.
struct Place {
    let address: Address
    let context: Context
    /// `nil` when nothing is encrypted.
    let keys: DerivedKeys?

    /// - Parameter sockets: how many connections there will be.
    init(_ url: String, sockets: Int) throws {
        address = try Address(url)
        context = try Context(maxSockets: sockets)
        keys =
            switch address.credential {
            case .secret(let secret): SharedSecret(secret).keys()
            case .invitation: throw LoadError("The benchmarks have a secret or nothing.")
            case nil: nil
            }
    }
}
