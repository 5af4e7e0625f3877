import ArgumentParser
import Foundation
import Synchronization

/// Whether standard output took all that was written to it. A command that trains or serves goes on
/// without it, so that it is asked at the end, and in between where nothing but output is made.
enum StandardOutput {
    private static let first = Mutex<OutputFailure?>(nil)

    /// What kept something from being written for the first time, if anything.
    static var failure: OutputFailure? { first.withLock { $0 } }

    static func fail(_ failure: OutputFailure) {
        first.withLock { $0 = $0 ?? failure }
    }

    /// - Throws: the error that the process ends with when some of the output is missing.
    static func check() throws {
        if let failure { throw failure.error }
    }

    /// Takes the numbers of the standard files that this process was started without, or a file that
    /// is opened later would get one, and what is said would be written into it.
    static func reserve() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The wrong way round: using it fails as if it were not there.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

/// Why a text could not be written, or not all of it.
enum OutputFailure: Equatable {
    /// Nobody reads the pipe any more.
    case closed
    case full
    case other(reason: String)

    init(_ code: Int32) {
        switch code {
        case EPIPE: self = .closed
        case ENOSPC, EDQUOT: self = .full
        default: self = .other(reason: String(cString: strerror(code)))
        }
    }

    /// What a command ends with whose output is not complete.
    var error: any Error {
        switch self {
        // As the signal would have ended it that is ignored here: without a word.
        case .closed: ExitCode(WorkerExit.signal(SIGPIPE).holderCode)
        case .full:
            Failure(
                """
                The disk of standard output is full, and not all was written; free some space, and \
                do it again.
                """)
        case .other(let reason):
            Failure(
                """
                Standard output cannot be written (\(reason)), and not all was; write to another \
                file or pipe.
                """)
        }
    }
}
