import Messages

/// How a worker joins: what it says of itself, each time that it needs a member.
struct Invitation: Sendable {
    var population: String
    var worker: String
    var space: String
    var patience: Duration

    enum Answer: Sendable {
        case lease(Assignment)
        /// There is nothing to train.
        case stop(reason: String)
    }

    /// Joins, as often as the coordinator says that there is no member free yet.
    func accept(on connection: Connection) async throws -> Answer {
        while true {
            var join = WireJoin()
            // A fresh key, because the same one would get the same answer.
            join.key = Limits.newKey()
            join.population = population
            join.worker = worker
            join.space = space
            let reply = try await connection.ask(.join(join), patience: patience)
            switch reply.directive.assignment {
            case .lease(let lease): return .lease(Assignment(lease))
            case .stop(let stop): return .stop(reason: stop.reason)
            case .wait(let wait):
                try await Task.sleep(for: .milliseconds(Int64(wait.milliseconds)))
            case .same, nil:
                throw MurmurationError.malformed(
                    "The coordinator did not say what to train; update this library.")
            }
        }
    }
}
