import CZeroMQ

/// What can go wrong with a socket, said in a sentence.
///
/// A queue that is full and a peer that is gone are not errors but results: see ``SendResult``.
public enum ZeroMQError: Error, Hashable, Sendable {
    case addressInUse(endpoint: String)
    case addressNotAvailable(endpoint: String)
    case invalidEndpoint(String)
    case permissionDenied(endpoint: String)
    /// The endpoint to unbind or disconnect is not there.
    case notAttached(endpoint: String)
    /// Nothing can be made in the directory for temporary files, or its path is too long.
    case noTemporaryFiles(directory: String)
    /// The context of the socket is gone.
    case terminated
    case tooManyFiles
    case tooManySockets
    case outOfMemory
    /// A CURVE key was set and yet the socket would not encrypt.
    case notEncrypted
    /// An encrypted socket did not do in a trial what it must.
    case unprotected(SecurityProbe.Finding)
    /// A key that is not 32 bytes long.
    case invalidKey(length: Int)
    /// The installed libzmq does not know the option, or refuses the value.
    case optionRefused(String)
    /// The socket cannot do this in the state that it is in.
    case wrongState
    case failed(String)
}

extension ZeroMQError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .addressInUse(let endpoint):
            "The address \(endpoint) is in use by another process; stop it or choose another port."
        case .addressNotAvailable(let endpoint):
            "The address \(endpoint) does not belong to this machine; choose one that does."
        case .invalidEndpoint(let endpoint):
            "“\(endpoint)” is not an address; write it like tcp://127.0.0.1:7777."
        case .permissionDenied(let endpoint):
            "The address \(endpoint) is not permitted; choose a port above 1023."
        case .notAttached(let endpoint):
            "The socket is not attached to \(endpoint); use the address that binding returned."
        case .noTemporaryFiles(let directory):
            """
            No socket can be made in “\(directory)”; set TMPDIR to a directory that can be written, by a \
            path of at most 80 characters.
            """
        case .terminated:
            "The messaging context was closed while a socket was in use; start again."
        case .tooManyFiles:
            "Too many files and connections are open; raise the limit with `ulimit -n`."
        case .tooManySockets:
            "Too many sockets are open; raise the context's maximum of sockets."
        case .outOfMemory:
            "There is not enough memory for the message; free some and try again."
        case .notEncrypted:
            "The connection would not be encrypted; install a libzmq that is built with CURVE."
        case .unprotected(let finding):
            "\(finding)"
        case .invalidKey(let length):
            "A key has 32 bytes, but this one has \(length); pass the raw bytes of the key."
        case .optionRefused(let option):
            "The installed libzmq refuses the option \(option); install libzmq 4.3.4 or newer."
        case .wrongState:
            "The socket cannot do this now; a reply must follow each request."
        case .failed(let reason):
            "The messaging library failed (\(reason)); try again."
        }
    }
}

extension ZeroMQError {
    /// The error of the libzmq call that just failed on this thread.
    ///
    /// Call it at once: any other call may overwrite libzmq's error number.
    static func last(endpoint: String? = nil) -> ZeroMQError {
        make(from: zmq_errno(), endpoint: endpoint)
    }

    static func make(from code: CInt, endpoint: String?) -> ZeroMQError {
        let endpoint = endpoint ?? "of the socket"
        switch code {
        case Code.addressInUse: return .addressInUse(endpoint: endpoint)
        case Code.addressNotAvailable, Code.noDevice:
            return .addressNotAvailable(endpoint: endpoint)
        case Code.invalid, Code.unknownProtocol, Code.incompatibleProtocol:
            return .invalidEndpoint(endpoint)
        case Code.noAccess: return .permissionDenied(endpoint: endpoint)
        case Code.notFound: return .notAttached(endpoint: endpoint)
        case Code.terminated: return .terminated
        case Code.tooManyFiles, Code.tooManyFilesInSystem: return .tooManyFiles
        case Code.outOfMemory: return .outOfMemory
        case Code.wrongState: return .wrongState
        default: return .failed(String(cString: zmq_strerror(code)))
        }
    }
}

/// libzmq's error numbers.
enum Code {
    static let again = CInt(CZMQ_EAGAIN.rawValue)
    static let interrupted = CInt(CZMQ_EINTR.rawValue)
    static let invalid = CInt(CZMQ_EINVAL.rawValue)
    static let tooManyFiles = CInt(CZMQ_EMFILE.rawValue)
    static let tooManyFilesInSystem = CInt(CZMQ_ENFILE.rawValue)
    static let outOfMemory = CInt(CZMQ_ENOMEM.rawValue)
    static let noAccess = CInt(CZMQ_EACCES.rawValue)
    static let noDevice = CInt(CZMQ_ENODEV.rawValue)
    static let notFound = CInt(CZMQ_ENOENT.rawValue)
    static let addressInUse = CInt(CZMQ_EADDRINUSE.rawValue)
    static let addressNotAvailable = CInt(CZMQ_EADDRNOTAVAIL.rawValue)
    static let hostUnreachable = CInt(CZMQ_EHOSTUNREACH.rawValue)
    static let unknownProtocol = CInt(CZMQ_EPROTONOSUPPORT.rawValue)
    static let incompatibleProtocol = CInt(CZMQ_ENOCOMPATPROTO.rawValue)
    static let wrongState = CInt(CZMQ_EFSM.rawValue)
    static let terminated = CInt(CZMQ_ETERM.rawValue)
}
