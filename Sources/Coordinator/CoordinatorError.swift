import Records
import ZeroMQ

/// Why a coordinator cannot start, or had to end.
public enum CoordinatorError: Error, Sendable {
    /// A port that it should serve is taken.
    case portTaken(Int)
    /// The port, or the broadcast's, is none.
    case badPort(Int)
    /// It cannot listen at this host.
    case badHost(String, reason: String)
    /// Others cannot be told to find it at this host.
    case badAdvertisedHost(String, reason: String)
    /// A network beyond this machine, and neither a secret nor invitations.
    case secretNeeded(host: String)
    /// A secret of fewer than 22 characters, on a network beyond this machine.
    case weakSecret(host: String)
    /// A secret without a character.
    case emptySecret
    /// Told to serve without encryption, and given a secret to encrypt with.
    case insecureWithSecret
    /// Told to serve without encryption, where some are let in by invitation.
    case insecureWithInvitations
    /// The file with the key by which it proves itself to whom it invited cannot be used.
    case serverKey(String, ServerKeyProblem)
    /// Of the checkpoints that members go on from nearly all are not where they should be.
    case checkpointsMissing(Int, of: Int, directory: String)
    case journal(JournalFailure)
    case socket(ZeroMQError)

    /// What is wrong with the data directory, in a sentence.
    public struct JournalFailure: Error, Sendable, CustomStringConvertible {
        let error: JournalError
        public var description: String { error.description }
    }

    public enum ServerKeyProblem: Error, Hashable, Sendable {
        case unreadable, exposed, damaged, unwritable, missing
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
            There is no port \(port); choose ports from 0 to 65535, also for the broadcast and \
            invitations, which are on the next two.
            """
        case .badHost(let host, let reason):
            "The coordinator cannot listen at '\(host)' (\(reason)); name an address of this machine."
        case .badAdvertisedHost(let host, let reason):
            """
            Others cannot find the coordinator at '\(host)' (\(reason)); name a host that leads to \
            this machine with --advertise.
            """
        case .secretNeeded(let host):
            """
            Serving at \(host), beyond this machine, needs a secret or invitations; make a secret \
            with murmur keys generate and set MURMUR_SECRET to it, or add --invitations.
            """
        case .weakSecret(let host):
            """
            The secret is too short to serve at \(host), beyond this machine; make a strong one \
            with murmur keys generate.
            """
        case .emptySecret:
            "The secret is empty; make one with murmur keys generate."
        case .insecureWithSecret:
            """
            Without encryption (--insecure) everybody is let in, and there is a secret; leave out \
            --insecure, or the secret (MURMUR_SECRET or --secret-file).
            """
        case .insecureWithInvitations:
            """
            Without encryption (--insecure) everybody is let in, and this directory lets in who is \
            invited; leave out --insecure, or name another directory with --data.
            """
        case .serverKey(let path, .unreadable):
            "The key file \(path) cannot be read; make it readable for the coordinator's user."
        case .serverKey(let path, .exposed):
            "Others can read the key file \(path); make it private: chmod 600 \(path)."
        case .serverKey(let path, .damaged):
            """
            The key file \(path) is damaged; restore it, or remove it and serve with --invitations, \
            which makes a new one and ends all that there are.
            """
        case .serverKey(let path, .unwritable):
            "The key file \(path) cannot be written; make room, and the directory writable."
        case .serverKey(let path, .missing):
            """
            The key file \(path) is missing, and there are invitations to this directory; restore \
            it, or serve with --invitations, which makes a new one and ends them, or with a secret.
            """
        case .checkpointsMissing(let missing, let all, let directory):
            """
            \(missing) of \(all) checkpoints to go on from are missing in \(directory), and without \
            them members would begin anew; bring them back there, or a link to where they are, or \
            begin a new run with another --data.
            """
        case .journal(let failure): failure.description
        case .socket(let error): "\(error)"
        }
    }
}
