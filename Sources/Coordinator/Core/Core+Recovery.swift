import DequeModule
import Evolution
import Messages
import Records

// Going on from what the journal holds.
extension Core {
    /// What members gained is read off so many of the last events at a start.
    private static let mostEventsOfGains = 4096

    /// Takes over all that was committed. Every lease gets a full term.
    mutating func restore(
        from journal: any Storage, at now: Moment
    ) throws(CoordinatorError) {
        do throws(JournalError) {
            for record in try journal.populations() {
                let specification: Specification
                do throws(SpaceFileError) {
                    specification = try SpaceFile.parse(
                        text: record.specification, source: "the journal's \(record.name).yaml")
                } catch {
                    throw JournalError.corrupt(journal.directory, reason: error.description)
                }
                let members = try journal.members(of: record.id)
                if let fault = record.fault(
                    id: populations.count, members: members, space: specification.space)
                {
                    throw JournalError.corrupt(journal.directory, reason: fault)
                }
                let counts = try journal.counts(of: record.id)
                let population = Population(
                    specification, status: record.status, members: members, best: record.best,
                    archive: record.archive, generation: record.generation,
                    reports: counts.reports, exploits: counts.exploits)
                ids[record.name] = record.id
                var hosted = HostedPopulation(
                    id: record.id, name: record.name, created: record.created,
                    population: population)
                if hosted.population.takesProposals {
                    let first = max(0, journal.sequence - Self.mostEventsOfGains)
                    hosted.population.observe(
                        past: try journal.events(
                            of: record.id, after: first, member: nil,
                            limit: Self.mostEventsOfGains
                        ).map(\.event))
                }
                // One that was chosen just now is not in the journal yet.
                hosted.writtenBest = record.best
                hosted.opened = now.uptime
                hosted.rotatingWorkerHeard = specification.grows ? nil : now.uptime
                add(hosted)
            }
            let leases = try journal.leases()
            for record in leases.sorted(by: { $0.time < $1.time }).map(journal.moves.found) {
                if let fault = fault(of: record) {
                    throw JournalError.corrupt(journal.directory, reason: fault)
                }
                self.leases[record.token] = Lease(
                    record: record, deadline: now.uptime + settings.lease)
                if record.state == .live {
                    if let place = record.placeKey { placed[place] = record.token }
                    deadlines.insert(
                        Deadline(time: now.uptime + settings.lease, token: record.token))
                    populations[record.population].hold(
                        record.member, under: record.token, isKept: record.keeps)
                    training += 1
                } else {
                    remembered.append((now.uptime, .lease(record.token)))
                }
            }
            findPredecessors()
            for record in try journal.keys() { keyring.restore(record) }
            for record in try journal.releases() {
                guard populations.indices.contains(record.population) else {
                    throw JournalError.corrupt(
                        journal.directory, reason: "a release is of no population")
                }
                releases.add(record)
            }
            for record in try journal.answers() {
                answers[record.key] = WireReply(bytes: record.reply)?.body.map {
                    KeptAnswer(digest: record.digest, body: journal.moves.found($0))
                }
                remembered.append((now.uptime, .answer(record.key)))
            }
            for index in populations.indices {
                populations[index].queueMembers()
                noteProposalsWanted(by: index)
            }
        } catch {
            throw .journal(error)
        }
    }

    /// Which lease's directive gave each live one. Of one that was reported for it is forgotten.
    private mutating func findPredecessors() {
        for (token, lease) in leases where lease.record.state == .ended {
            guard case .lease(let next) = WireDirective(bytes: lease.record.directive)?.assignment,
                leases[next.token]?.isLive == true
            else { continue }
            leases[next.token]?.predecessor = token
        }
    }
}

// What a core relies on. A journal that was damaged, or changed by hand, is refused with a sentence;
// `murmur check` says all that is wrong with it.

extension PopulationRecord {
    /// What keeps a core from going on from the population.
    fileprivate func fault(id: Int, members: [Member], space: SearchSpace) -> String? {
        guard self.id == id else { return "the population number \(id) is missing" }
        if let best, let fault = Self.fault(of: best, among: members.count, space) {
            return "the best state of '\(name)' \(fault)"
        }
        if archive.count > StateArchive.most {
            return "'\(name)' keeps too many of the best states"
        }
        for archived in archive {
            guard let fault = Self.fault(of: archived.state, among: members.count, space) else {
                continue
            }
            return "one of the best states of '\(name)' \(fault)"
        }
        for (number, member) in members.enumerated() {
            guard member.id == number else { return "member \(number) of '\(name)' is missing" }
            guard member.hyperparameters.count == space.hyperparameters.count else {
                return "member \(number) of '\(name)' has other hyperparameters than the population"
            }
            for state in [member.latest, member.previous].compactMap(\.self) {
                guard let fault = Self.fault(of: state, among: members.count, space) else {
                    continue
                }
                return "a state of member \(number) of '\(name)' \(fault)"
            }
        }
        return nil
    }

    private static func fault(
        of state: CommittedState, among members: Int, _ space: SearchSpace
    ) -> String? {
        guard state.member < members else { return "is of no member" }
        guard state.hyperparameters.count == space.hyperparameters.count else {
            return "has other hyperparameters than the population"
        }
        return nil
    }
}

extension Core {
    /// What keeps the core from taking over the lease.
    fileprivate func fault(of lease: LeaseRecord) -> String? {
        guard populations.indices.contains(lease.population),
            populations[lease.population].holders.indices.contains(lease.member)
        else { return "a lease is of no member" }
        let hosted = populations[lease.population]
        guard lease.state == .live else { return nil }
        if let place = lease.placeKey, placed[place] != nil { return "a place has two leases" }
        return hosted.holders[lease.member] == nil
            ? nil : "member \(lease.member) of '\(hosted.name)' has two leases"
    }
}
