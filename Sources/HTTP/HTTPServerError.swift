import FlyingSocks
import Foundation

/// Why nothing can be served. Each prints as one sentence that says what to do.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    case notAPort(Int)
    case inUse(host: String, port: Int)
    case notPermitted(host: String, port: Int)
    case notHere(host: String)
    case failed(host: String, port: Int, reason: String)

    init(_ error: SocketError, host: String, port: Int) {
        guard case .failed(_, let code, let message) = error else {
            self = .notHere(host: host)
            return
        }
        self =
            switch code {
            case EADDRINUSE: .inUse(host: host, port: port)
            case EACCES: .notPermitted(host: host, port: port)
            case EADDRNOTAVAIL: .notHere(host: host)
            default: .failed(host: host, port: port, reason: message)
            }
    }

    package var description: String {
        switch self {
        case .notAPort(let port): "\(port) is no port; use one from 0 to 65535."
        case .inUse(_, let port):
            "Something else listens at port \(port); choose another one, or 0 for any that is free."
        case .notPermitted(_, let port):
            "This user may not listen at port \(port); choose one above 1023."
        case .notHere(let host):
            "\(host) is no address of this machine; use one, as a number, such as 127.0.0.1."
        case .failed(let host, let port, let reason):
            "Nothing can listen at port \(port) of \(host) (\(reason)); choose another one."
        }
    }
}
