import Histories
import ZeroMQ

/// The files that a command needs at once. It is looked at before they are opened, since libzmq ends
/// the process where it cannot have one.
enum OpenFileLimit {
    /// What asks, reads or draws.
    static let asking = 48
    /// A coordinator, with what it keeps free of connections, and a few of these.
    static let serving = 96
    /// A run, which is a coordinator and asks itself, before its workers.
    static let running = 128
    /// For each worker: its log, the pipe of its holder, its connection, and what starting it takes.
    static let worker = 4

    /// Raises the limit when so many files are not free below it, as far as the system permits.
    ///
    /// - Parameter command: whose needs these are, for the sentence.
    /// - Throws: `Failure` when that does not make room.
    static func ensure(_ count: Int, for command: String) throws(Failure) {
        guard let limit = OpenFiles.limit, !isRoom(for: count, below: limit),
            let raised = OpenFiles.raiseLimit(), !isRoom(for: count, below: raised)
        else { return }
        throw failure(count, limit: raised, command)
    }

    /// As ``ensure(_:for:)``, where a coordinator that runs in this process sees to the limit.
    static func check(_ count: Int, for command: String) throws(Failure) {
        guard let limit = OpenFiles.limit, !isRoom(for: count, below: limit) else { return }
        throw failure(count, limit: limit, command)
    }

    private static func isRoom(for count: Int, below limit: Int) -> Bool {
        OpenFiles.mark(leaving: count, below: limit) != nil
    }

    static func failure(_ count: Int, limit: Int, _ command: String) -> Failure {
        Failure(
            """
            \(command) needs \(count) open files more than it has, and the limit of this process is \
            \(limit); raise it where it was set: ulimit -n in the shell or script, nofile in \
            /etc/security/limits.conf, or LimitNOFILE of a service.
            """)
    }
}
