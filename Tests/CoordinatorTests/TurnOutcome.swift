import Messages
import Records

@testable import Coordinator

/// A message for a pipeline, and how it came.
struct Incoming<Connection: NumberedConnection> {
    var frame: [UInt8]
    var connection: Connection
    var user = Keyring.sharedUser
}

/// What a pipeline did in a turn, for which there are no sockets, threads and clocks.
struct TurnOutcome<Connection: NumberedConnection> {
    var replies: [(connection: Connection, reply: WireReply)] = []
    var publications: [Core.Publication] = []
    var admissions: [Keyring.Admission] = []
    var failure: JournalError?
    var settles = 0
    /// Of the turn, in uptime.
    var end = Duration.zero
}

extension Pipeline {
    /// Takes a turn for requests that are all there when it begins.
    ///
    /// - Parameter meanwhile: what comes while a batch is committed in the background, if any is.
    mutating func takeTurn(
        _ requests: [Incoming<Connection>] = [], meanwhile: [Incoming<Connection>] = [],
        at now: Moment
    ) -> TurnOutcome<Connection> {
        var (requests, meanwhile) = (requests[...], meanwhile[...])
        var turn = TurnOutcome<Connection>()
        var underWay: [Change] = []
        while true {
            switch next(at: now) {
            case .receive:
                guard let next = isCommitting ? meanwhile.popFirst() : requests.popFirst() else {
                    receivedAll()
                    continue
                }
                receive(next.frame, from: next.connection, as: next.user, at: now)
            case .commit(let changes, inBackground: true): underWay = changes
            case .awaitCommit(let time) where time != nil && !meanwhile.isEmpty: continue
            case .commit(let changes, inBackground: false):
                turn.failure = storage.failure(ofCommitting: changes)
                endCommit(turn.failure, at: now)
            case .awaitCommit:
                turn.failure = storage.failure(ofCommitting: underWay)
                endCommit(turn.failure, at: now)
            case .letOut(let next): turn.take(next)
            case .propose(let work): take(work.result())
            case .settle:
                turn.settles += 1
                didSettle()
            case .wait(until: let end):
                turn.end = end
                return turn
            }
        }
    }
}

extension TurnOutcome {
    mutating func take(_ next: Pipeline<Connection>.Outgoing) {
        switch next {
        case .send(let frame, let connection):
            guard let reply = WireReply(bytes: frame) else {
                preconditionFailure("a coordinator's replies can be read")
            }
            replies.append((connection, reply))
        case .publish(let publication): publications.append(publication)
        case .admit(let admission): admissions.append(admission)
        }
    }
}

extension Optional: NumberedConnection where Wrapped == ConnectionNumber {
    public var place: ConnectionNumber? { self }
}
