import Evolution
import Messages
import Records

// Places: what stays the same when a worker is started again. Whoever joins with a place gets the
// member of its place's earlier worker at once, which is shut out by that.
extension Core {
    func check(place: String) throws(WireError) {
        guard place.utf8.count <= Limits.placeBytes else {
            throw WireError(
                .limit, "A worker's place has at most \(Limits.placeBytes) bytes; shorten it.")
        }
        guard !place.containsZeroByte else {
            throw WireError(
                .invalid, "A worker's place has no zero bytes, which the journal cannot keep.")
        }
    }

    func liveLease(of place: PlaceKey) -> Lease? {
        placed[place].flatMap { leases[$0] }.flatMap { $0.isLive ? $0 : nil }
    }

    /// Refuses a worker whose place a newer one has taken over: that has another lease than the one
    /// this worker had, or got its last one over a newer connection.
    func checkIsNewest(
        _ join: WireJoin, of principal: Principal, over connection: ConnectionNumber?
    ) throws(WireError) {
        guard let place = PlaceKey(join.place, of: principal.id), let token = placed[place],
            token != join.former, let last = leases[token]
        else { return }
        // After going back to an older copy of the journal the worker's own lease may be unknown, and
        // then nobody has used the one that its place had before.
        let hadAnother =
            join.former != 0
            && (leases[join.former]?.record.owner == principal.id || last.connection != nil)
        let isOlder = connection.flatMap { mine in last.connection.map(mine.isBefore) } ?? false
        guard !(last.isLive && hadAnother), !isOlder else { throw WireError.placeTaken(join.place) }
    }

    /// Ends the lease of a place for the worker that joins there.
    ///
    /// - Returns: `nil` when there is none, or when it is the worker's own that keeps its member.
    mutating func endLease(
        ofPlaceOf join: WireJoin, for population: Int, as principal: Principal, at now: Moment
    ) -> UInt64? {
        guard let place = PlaceKey(join.place, of: principal.id),
            let record = liveLease(of: place)?.record
        else { return nil }
        #if DEBUG
            if Hooks.present.leavesEarlierLease { return nil }
        #endif
        let token = record.token
        let isOwn = token == join.former
        if isOwn, join.keeps, record.population == population { return nil }
        logger.notice(
            "a worker takes over from the earlier one of its place",
            metadata: [
                "population": "\(populations[record.population].name)",
                "member": "\(record.member)", "place": "\(join.place.escapingControls)",
            ])
        end(token, because: .left, at: now)
        return token
    }

    /// Takes the member out of the queue that the earlier worker of a place had.
    mutating func takeOver(_ earlier: UInt64?, in population: Int) -> Int? {
        guard let earlier, let record = leases[earlier]?.record, record.population == population,
            populations[population].take(record.member)
        else { return nil }
        return record.member
    }
}

extension LeaseRecord {
    /// `nil` when its holder has none.
    var placeKey: PlaceKey? { PlaceKey(place, of: owner) }
}
