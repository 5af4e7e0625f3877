import Logging
import Messages

/// How a worker joins: what it says of itself, each time that it needs a member.
struct Joining: Sendable {
    var population: String
    var worker: String
    var space: String
    /// It wants one member only, and that one again when it lost it.
    var keeps = false
    /// Where whoever is started in its stead gets its member at once.
    var place = WorkerPlace.none
    /// It gives its member back when the process is told to end.
    var leavesOnTermination = false
    var explore: Worker.Explore?
    /// How long the coordinator may be away; `nil` for as long as it takes, once it was found.
    var patience: Duration?
    var logger = Logger(label: "murmuration")

    enum Answer: Sendable {
        /// - Parameter exploit: what was decided meanwhile for the member that the worker had.
        case lease(Assignment, exploit: WireExploit?)
        /// There is nothing to train.
        case stop(reason: String)
    }

    /// Joins, as often as the coordinator says that there is no member free yet.
    ///
    /// - Parameters:
    ///   - former: the lease that it had last, when it had one.
    ///   - earlier: a Join that was given up, which comes first.
    ///   - asking: is told each Join, to be made again if this is given up, and `nil` when it is
    ///     answered with a wait.
    func accept(
        on connection: Connection, former: UInt64? = nil, again earlier: WireJoin? = nil,
        asking: (WireJoin?) -> Void = { _ in }
    ) async throws -> Answer {
        let start = ContinuousClock.now
        var patience = former == nil ? patience ?? Patience.joining : patience
        var reminder = Reminder(first: connection.timing.word)
        var join = earlier ?? newJoin(former: former)
        while true {
            asking(join)
            let reply: WireReply
            do {
                reply = try await connection.ask(.join(join), patience: patience)
            } catch MurmurationError.unknownLease, MurmurationError.leaseLapsed {
                // The answer took so long that the lease in it is over.
                join = newJoin(former: former)
                continue
            }
            patience = self.patience
            switch reply.directive.assignment {
            case .lease(let lease):
                let directive = reply.directive
                let exploit: WireExploit? =
                    if case .exploit(let told) = directive.outcome { told } else { nil }
                return .lease(Assignment(lease), exploit: exploit)
            case .stop(let stop): return .stop(reason: stop.reason)
            case .wait(let wait):
                if reminder.isDue(after: .now - start) {
                    logger.notice(
                        """
                        There is no member to train yet: each has a worker, or the population is \
                        paused. Asking again every \(wait.seconds).
                        """)
                }
                asking(nil)
                join = newJoin(former: former)
                try await Task.sleep(for: .milliseconds(Int64(wait.milliseconds)))
            case .same, nil:
                throw MurmurationError.malformed(
                    "The coordinator did not say what to train; update this library.")
            }
        }
    }

    private func newJoin(former: UInt64?) -> WireJoin {
        var join = words
        // A fresh key, because the same one would get the same answer.
        join.key = Limits.newKey()
        if let former { join.former = former }
        return join
    }

    /// What takes the lease of an assignment up again; the key and the lease are put in then.
    func rejoin(_ assignment: Assignment) -> WireJoin {
        var join = words
        join.population = assignment.population
        return join
    }

    /// Asks where the lease of an assignment stands that this worker has.
    func retaking(_ assignment: Assignment) -> WireJoin {
        var join = rejoin(assignment)
        join.key = Limits.newKey()
        join.lease = assignment.lease
        return join
    }

    private var words: WireJoin {
        var join = WireJoin()
        join.population = population
        join.worker = worker
        join.space = space
        join.keeps = keeps
        join.place = place.name
        return join
    }
}

extension WireWait {
    /// For people.
    fileprivate var seconds: String {
        let seconds = Double(milliseconds) / 1000
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
