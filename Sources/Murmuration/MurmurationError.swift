import Evolution
import Messages
import ZeroMQ

/// Why a coordinator could not be asked, or what it refused. Each prints as one sentence that says
/// what is wrong and what to do.
public enum MurmurationError: Error, Hashable, Sendable {
    // MARK: The coordinator cannot be used

    /// Neither a URL was given nor `MURMUR_URL` set.
    case noAddress
    case invalidAddress(String)
    /// The file that is to hold the address is not there yet, or is empty.
    case noAddressInFile(path: String)
    /// Nothing listens there, or nothing answers, for as long as one was patient.
    case unreachable(address: String)
    /// Something listens there, and gives no answer.
    case silent(address: String)
    /// It serves with a secret, and the address has none.
    case secretRequired(address: String)
    /// It serves without a secret, and the address has one.
    case secretUnexpected(address: String)
    /// It does not serve with the address's secret.
    case secretWrong(address: String)
    /// It knows the secret but does not let this client in.
    case keyRefused(address: String)
    /// It does not let in who has the address's invitation: that was revoked, has expired, or is
    /// another coordinator's.
    case invitationRefused(address: String)
    /// Something else listens there, or the address lacks a secret.
    case foreign(address: String)
    case unsupportedVersion(String)
    case messaging(ZeroMQError)

    // MARK: The coordinator refused

    /// The request, or a part of it, is not known there: another version, or a mistake of ours.
    case malformed(String)
    case tooLarge(String)
    case unauthorized(String)
    case noPopulation(String)
    case spaceMismatch(String)
    case conflict(String)
    case invalid(String)
    case noMember(String)
    /// It could not answer for as long as one was patient: its disk is full, or it is closing.
    case unavailable(String)
    /// A worker recovers from these by itself; they show only to who asks directly.
    case unknownLease(String)
    case leaseLapsed(String)
    case staleSequence(String)

    // MARK: The worker cannot do this

    /// There is nothing to train, or nothing more.
    case finished(reason: String)
    /// The worker left.
    case left
    /// This process is a rank above 0 of a `torch.distributed` job, which trains one model.
    case rankOfJob(rank: Int, size: Int)
    /// A report of this worker is under way.
    case alreadyReporting
    /// The hyperparameter is not in the search space, or its value is of another type.
    case noHyperparameter(name: String, type: String)
    /// The search space has no hyperparameter of this name.
    case unknownHyperparameter(name: String, known: [String])
    /// The search space's file cannot be read.
    case noSpaceFile(path: String)
    /// The last save was not answered with a member to exploit.
    case nothingToExploit
    /// Exploring is about hyperparameters that exploiting takes over.
    case exploresFirst
    /// An `authKey` of fewer than 22 characters, for a server beyond this machine.
    case weakKey(host: String)
}

extension MurmurationError: CustomStringConvertible {
    /// Without anything that could steer a terminal or forge a line of a log: the coordinator's own
    /// words are among it.
    public var description: String { sentence.escapingControls }

    private var sentence: String {
        switch self {
        case .noAddress:
            "There is no coordinator's address; pass a URL or set MURMUR_URL to it."
        case .noAddressInFile(let path):
            """
            There is no address in the file \(path) yet; start a coordinator that writes it, or \
            correct the path.
            """
        case .unreachable(let address):
            "The coordinator at \(address) cannot be reached; start it, or correct the address."
        case .silent(let address):
            """
            What listens at \(address) does not answer; see whether it is the coordinator, and whether \
            that is busy or stopped.
            """
        case .secretRequired(let address):
            """
            The coordinator at \(address) wants a secret; put it into the address: \
            murmur://SECRET@HOST:PORT.
            """
        case .secretUnexpected(let address):
            "The coordinator at \(address) serves without a secret; take it out of the address."
        case .secretWrong(let address):
            """
            The coordinator at \(address) does not accept the secret; it has another one or none, \
            and the file "url" in its data directory says which.
            """
        case .keyRefused(let address):
            "The coordinator at \(address) does not let this client in; ask for another secret."
        case .invitationRefused(let address):
            """
            The coordinator at \(address) does not let this invitation in: it was revoked, has \
            expired, or is another coordinator's; ask for a new one.
            """
        case .foreign(let address):
            """
            What listens at \(address) broke the connection off; check the port, and that the \
            address has the coordinator's secret.
            """
        case .messaging(let error): error.description
        case .invalidAddress(let sentence), .unsupportedVersion(let sentence),
            .malformed(let sentence), .tooLarge(let sentence), .unauthorized(let sentence),
            .noPopulation(let sentence), .spaceMismatch(let sentence), .conflict(let sentence),
            .invalid(let sentence), .noMember(let sentence), .unavailable(let sentence),
            .unknownLease(let sentence), .leaseLapsed(let sentence), .staleSequence(let sentence):
            sentence
        case .finished(let reason): reason
        case .left: "The worker has left its population; join again to go on."
        case .rankOfJob(let rank, let size):
            """
            This process is rank \(rank) of the \(size) of a torch.distributed job (RANK=\(rank)), \
            which trains one model; join in rank 0 only and broadcast what it is told, or pass \
            ranks: .each if each rank trains a model of its own.
            """
        case .alreadyReporting:
            "The worker is reporting already; wait for that report's directive first."
        case .noHyperparameter(let name, let type):
            "There is no hyperparameter “\(name)” that is \(type); look into the search space."
        case .unknownHyperparameter(let name, let known):
            """
            There is no hyperparameter “\(name)” in the search space; it has \
            \(known.joined(separator: ", ")).
            """
        case .noSpaceFile(let path):
            "The search space's file \(path) cannot be read as text; check its path."
        case .nothingToExploit:
            "There is no member to exploit; call exploit() and explore() after shouldExploit()."
        case .exploresFirst:
            "The donor's hyperparameters are not taken over yet; call exploit() before explore()."
        case .weakKey(let host):
            """
            An authKey of fewer than 22 characters is taken on this machine only, and \(host) may \
            be another one; make a strong key with murmur keys generate, for the server and its \
            clients.
            """
        }
    }
}

extension MurmurationError {
    init(_ error: WireError) {
        let sentence = error.message
        self =
            switch error.code {
            case .malformed, .unsupported, .unspecified, .UNRECOGNIZED: .malformed(sentence)
            case .limit: .tooLarge(sentence)
            case .unauthorized: .unauthorized(sentence)
            case .noPopulation: .noPopulation(sentence)
            case .spaceMismatch: .spaceMismatch(sentence)
            case .unknownLease: .unknownLease(sentence)
            case .leaseLapsed: .leaseLapsed(sentence)
            case .staleSequence: .staleSequence(sentence)
            case .unavailable: .unavailable(sentence)
            case .unsupportedVersion: .unsupportedVersion(sentence)
            case .conflict: .conflict(sentence)
            case .invalid: .invalid(sentence)
            case .noMember: .noMember(sentence)
            }
    }

    /// - Returns: `nil` while there is still hope.
    init?(_ verdict: HandshakeVerdict, at address: Address) {
        let isInvited = if case .invitation = address.credential { true } else { false }
        let address = address.description
        switch verdict {
        case .pending, .accepted, .unreachable: return nil
        case .secretRequired: self = .secretRequired(address: address)
        case _ where isInvited && verdict != .secretRequired && verdict != .foreign:
            self = .invitationRefused(address: address)
        case .secretUnexpected: self = .secretUnexpected(address: address)
        case .secretWrong: self = .secretWrong(address: address)
        case .keyRefused: self = .keyRefused(address: address)
        case .foreign: self = .foreign(address: address)
        }
    }
}
