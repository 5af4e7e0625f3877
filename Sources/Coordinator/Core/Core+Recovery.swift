import DequeModule
import Evolution
import Journal
import Messages

// Going on from what the journal holds.
extension Core {
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
                let counts = try journal.counts(of: record.id)
                let population = Population(
                    specification, status: record.status,
                    members: try journal.members(of: record.id), best: record.best,
                    generation: record.generation, reports: counts.reports,
                    exploits: counts.exploits)
                precondition(record.id == populations.count, "populations are numbered from 0")
                ids[record.name] = record.id
                var hosted = HostedPopulation(
                    id: record.id, name: record.name, created: record.created,
                    population: population)
                // One that was chosen just now is not in the journal yet.
                hosted.writtenBest = record.best
                hosted.opened = now.uptime
                hosted.roverHeard = specification.grows ? nil : now.uptime
                populations.append(hosted)
            }
            let leases = try journal.leases()
            for record in leases.sorted(by: { $0.time < $1.time }) {
                self.leases[record.token] = Lease(
                    record: record, deadline: now.uptime + settings.lease)
                if record.state == .live {
                    deadlines.insert(
                        Deadline(time: now.uptime + settings.lease, token: record.token))
                    populations[record.population].hold(
                        record.member, under: record.token, isKept: record.keeps)
                } else {
                    remembered.append((now.uptime, .lease(record.token)))
                }
            }
            findPredecessors()
            for record in try journal.keys() { keyring.restore(record) }
            for record in try journal.releases() { releases.add(record) }
            for record in try journal.answers() {
                answers[record.key] = WireReply(bytes: record.reply)?.body
                remembered.append((now.uptime, .answer(record.key)))
            }
            for index in populations.indices { populations[index].queueMembers() }
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
