import Evolution
import Messages

// Steering: what people change of a population while it trains.
extension Core {
    mutating func change(
        _ change: WireChangePopulation, as principal: Principal, at now: Moment
    ) throws(WireError) -> WirePopulation {
        let id = try population(named: change.population, for: principal)
        switch change.change {
        case .pause: try pause(id, at: now)
        case .resume:
            if populations[id].population.status != .active {
                let status = populations[id].population.status
                if status.isEnded, let reason = populations[id].endsAgain(at: now) {
                    throw WireError(.conflict, reason)
                }
                record(Event(kind: .resumed), of: id, at: now)
                populations[id].opened = now.uptime
            }
        case .end:
            if !populations[id].population.status.isEnded {
                record(Event(kind: .ended(nil)), of: id, at: now)
            }
        case .addMembers(let add): try self.add(add.members, to: id, by: principal, at: now)
        case .removeMember(let remove): try self.remove(remove.member, from: id, at: now)
        case .settings(let settings): try set(settings.values(), of: id, at: now)
        case nil:
            throw WireError(
                .unsupported,
                "The change is of a kind that this coordinator does not know; update murmur.")
        }
        // Whom it waited for may be removed, or have finished.
        closeGeneration(of: id, at: now)
        return describe(population: id)
    }

    private mutating func pause(_ id: Int, at now: Moment) throws(WireError) {
        switch populations[id].population.status {
        case .active: record(Event(kind: .paused), of: id, at: now)
        case .paused: break
        case .ended:
            throw WireError(
                .conflict,
                "The population '\(populations[id].name)' has ended; resume it first.")
        }
    }

    private mutating func add(
        _ count: UInt64, to id: Int, by principal: Principal, at now: Moment
    ) throws(WireError) {
        let room = Limits.members - populations[id].population.members.count
        guard count > 0 else {
            throw WireError(.invalid, "No member was to be added; add 1 or more.")
        }
        guard count <= UInt64(room) else {
            throw WireError(
                .limit,
                """
                A population has at most \(Limits.members) members, with those that were removed; \
                \(room) more may be added to '\(populations[id].name)'.
                """)
        }
        if let made = try keyring.countMade(members: Int(count), by: principal) {
            record(.key(made))
        }
        for _ in 0..<count { _ = newMember(of: id, at: now) }
    }

    /// - Returns: its number.
    mutating func newMember(of id: Int, at now: Moment) -> Int {
        record(populations[id].population.creation(), of: id, at: now)
        return populations[id].population.members.count - 1
    }

    private mutating func remove(
        _ member: UInt64, from id: Int, at now: Moment
    ) throws(WireError) {
        let members = populations[id].population.members
        guard member < members.count else {
            throw WireError.noMember(member, of: populations[id].name)
        }
        let member = Int(member)
        if members[member].isRemoved { return }
        // Its worker learns with its next report that the lease has ended, and joins anew.
        if let holder = populations[id].holders[member] { end(holder, because: .removed, at: now) }
        record(Event(member: member, kind: .removed), of: id, at: now)
        handOverReleases(of: member, in: id)
    }

    private mutating func set(
        _ settings: SettingValues, of id: Int, at now: Moment
    ) throws(WireError) {
        guard !settings.isEmpty else {
            throw WireError(.invalid, "There is nothing to set; name at least one setting.")
        }
        if let error = Specification.fault(of: settings, isTraining: true) {
            throw WireError(.invalid, error.description)
        }
        var specification = populations[id].specification
        let before = specification.undoing(settings)
        if before == settings { return }
        specification.apply(settings)
        do throws(SpecificationError) {
            try specification.validate()
        } catch {
            throw WireError(.invalid, error.description)
        }
        record(
            Event(kind: .changed(before: before, after: settings)), of: id, at: now)
    }
}
