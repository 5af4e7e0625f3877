import Messages
import Records

// What comes in.
extension Pipeline {
    /// No more requests are taken in before those at hand are committed, or refused.
    var isFull: Bool {
        if isStuck {
            return refusals.count + looks.count >= limits.requests || looks.count >= limits.queries
        }
        return connections.count >= limits.requests || core.queryCost >= limits.queries
    }

    /// Takes in a message of one frame.
    ///
    /// - Parameter user: whose connection it came by, as the authenticator calls it.
    package mutating func receive(
        _ frame: [UInt8], from connection: Connection, as user: String, at now: Moment
    ) {
        counters.requests += 1
        guard isStuck else {
            return core.receive(frame: frame, from: peer(connection), as: user, at: now)
        }
        do throws(UnreadableRequest) {
            let request = try WireRequest(message: frame)
            if Archive.answers(request) {
                looks.append(
                    Look(connection: connection, request: request, user: user, moment: now))
            } else {
                let body = answerWhileStuck(request, as: user, at: now)
                refusals.append((connection, envelope(body, id: request.id)))
            }
        } catch {
            refusals.append((connection, envelope(.error(error.error), id: error.id)))
        }
    }

    /// Refuses what is not even a request.
    mutating func refuse(_ error: WireError, from connection: Connection) {
        counters.requests += 1
        guard isStuck else { return core.refuse(error, from: peer(connection)) }
        refusals.append((connection, envelope(.error(error), id: 0)))
    }

    /// A connection is no more.
    mutating func forget(_ connection: Connection) { subscriptions.remove(connection) }

    private mutating func peer(_ connection: Connection) -> Peer {
        defer { connections.append(connection) }
        return Peer(number: connections.count, connection: connection.place)
    }

    private func answerWhileStuck(
        _ request: WireRequest, as user: String, at now: Moment
    ) -> WireReply.OneOf_Body {
        do throws(WireError) {
            let principal = try core.authorize(request, of: user, at: now)
            // Who greets learns that this is the coordinator, and then why it must wait.
            guard case .hello(let hello) = request.body else { throw .cannotWrite }
            return try core.welcome(hello, principal)
        } catch {
            return .error(error)
        }
    }
}
