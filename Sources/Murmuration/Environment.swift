import Foundation
import Messages

/// What `murmur run` and `murmur work` tell the workers that they start.
enum Environment {
    static let url = "MURMUR_URL"
    static let population = "MURMUR_POPULATION"
    static let worker = "MURMUR_WORKER"

    static var variables: [String: String] { ProcessInfo.processInfo.environment }

    /// A variable that is set to something.
    static subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    static func address(_ url: String?) throws(MurmurationError) -> Address {
        guard let text = url ?? self[Self.url] else { throw .noAddress }
        do throws(AddressError) {
            return try Address.named(text)
        } catch {
            throw .invalidAddress(error.description)
        }
    }

    /// The population that was named, or the address's, or the environment's.
    static func population(_ name: String?, in address: Address) -> String? {
        name ?? address.population ?? self[population]
    }
}

extension Limits {
    /// A key under which the coordinator gives the same answer again.
    static func newKey() -> Data {
        Data((0..<keyBytes).map { _ in UInt8.random(in: .min ... .max) })
    }
}
