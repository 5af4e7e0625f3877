import Journal
import ZeroMQ

/// Why a coordinator cannot start, or had to end.
public enum CoordinatorError: Error, Sendable {
    /// A port that it should serve is taken.
    case portTaken(Int)
    /// The port, or the broadcast's, is none.
    case badPort(Int)
    /// It cannot listen at this host.
    case badHost(String, reason: String)
    /// A network beyond this machine, and no secret.
    case secretNeeded(host: String)
    /// A secret of fewer than 22 characters, on a network beyond this machine.
    case weakSecret(host: String)
    /// A secret without a character.
    case emptySecret
    case journal(JournalFailure)
    case socket(ZeroMQError)

    /// What is wrong with the data directory, in a sentence.
    public struct JournalFailure: Error, Sendable, CustomStringConvertible {
        let error: JournalError
        public var description: String { error.description }
    }

    static func journal(_ error: JournalError) -> CoordinatorError {
        .journal(JournalFailure(error: error))
    }
}

extension CoordinatorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .portTaken(let port):
            "Port \(port) is taken by another program; choose another one with --port."
        case .badPort(let port):
            """
            There is no port \(port); choose ports from 0 to 65535, also for the broadcast, which is \
            on the next one.
            """
        case .badHost(let host, let reason):
            "The coordinator cannot listen at '\(host)' (\(reason)); name an address of this machine."
        case .secretNeeded(let host):
            """
            Serving at \(host), beyond this machine, needs a secret; make one with \
            murmur keys generate and set MURMUR_SECRET to it.
            """
        case .weakSecret(let host):
            """
            The secret is too short to serve at \(host), beyond this machine; make a strong one \
            with murmur keys generate.
            """
        case .emptySecret:
            "The secret is empty; make one with murmur keys generate."
        case .journal(let failure): failure.description
        case .socket(let error): "\(error)"
        }
    }
}
