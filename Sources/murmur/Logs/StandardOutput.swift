import ArgumentParser
import Foundation
import Histories
import Synchronization

/// Whether standard output took all that was written to it. A command that trains or serves goes on
/// without it, so that it is asked at the end, and in between where nothing but output is made.
enum StandardOutput {
    private static let first = Mutex<OutputFailure?>(nil)
    /// What the command did that it would do once more if it were given again, in sentences.
    private static let deeds = Mutex<[String]>([])

    static func fail(_ failure: OutputFailure) {
        first.withLock { $0 = $0 ?? failure }
    }

    /// Says what was done for good. When standard output does not take it, the error says it: whoever
    /// is only told to do it again would do it twice.
    static func say(done deed: String) {
        deeds.withLock { $0.append(deed) }
        OutputFile.say(deed)
    }

    /// What the process ends with when some of the output is missing.
    static var error: (any Error)? {
        first.withLock { $0 }?.error(after: deeds.withLock { $0 })
    }

    /// - Throws: the error that the process ends with when some of the output is missing.
    static func check() throws {
        if let error { throw error }
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
    ///
    /// - Parameter deeds: What it has done, which is not to be done again.
    func error(after deeds: [String] = []) -> any Error {
        // As the signal would have ended it that is ignored here: without a word.
        guard let obstacle else { return ExitCode(WorkerExit.signal(SIGPIPE).holderCode) }
        guard deeds.isEmpty else {
            return Failure(
                """
                \(obstacle), but the command has done its work, so do not give it again: \
                \(deeds.joined(separator: " "))
                """)
        }
        return Failure(
            self == .full
                ? "\(obstacle), and not all was written; free some space, and do it again."
                : "\(obstacle), and not all was; write to another file or pipe.")
    }

    /// What there is to say of it; `nil` for nothing.
    private var obstacle: String? {
        switch self {
        case .closed: nil
        case .full: "The disk of standard output is full"
        case .other(let reason): "Standard output cannot be written (\(reason))"
        }
    }
}
