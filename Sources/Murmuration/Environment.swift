import Foundation
import Messages

/// What `murmur run` and `murmur work` tell the workers that they start.
enum Environment {
    static let url = "MURMUR_URL"
    static let population = "MURMUR_POPULATION"
    static let worker = "MURMUR_WORKER"

    /// A variable that is set to something.
    static subscript(name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    static func address(_ url: String?) throws(MurmurationError) -> Address {
        guard let text = url ?? self[Self.url] else { throw .noAddress }
        do throws(AddressError) {
            return try Address(text)
        } catch {
            throw .invalidAddress(error.description)
        }
    }

    /// The population that was named, or the address's, or the environment's.
    static func population(_ name: String?, in address: Address) -> String? {
        name ?? address.population ?? self[population]
    }

    /// What names this worker on boards: the machine, and which of its workers it is.
    static var workerName: String {
        let place = self[worker] ?? String(ProcessInfo.processInfo.processIdentifier)
        let name = "\(ProcessInfo.processInfo.hostName)/\(place)"
        return String(decoding: name.utf8.prefix(Limits.workerBytes), as: UTF8.self)
    }
}

extension Limits {
    /// A key under which the coordinator gives the same answer again.
    static func newKey() -> Data {
        Data((0..<keyBytes).map { _ in UInt8.random(in: .min ... .max) })
    }
}
