import Journal

/// Something in a journal that contradicts the rest of it.
package enum Fault: Hashable, Sendable {
    /// Commits of a run that did not end as it should are gone with its log.
    case lostLog
    /// SQLite's own words.
    case pages(String)
    case row(table: String, row: String)
    case unreadable(String)
    /// A table by which events are found has another place of one, or none.
    case misplaced(MisplacedEvent)
    case unreadableEvent(after: Int, reason: String)
    case numbering(population: String, id: Int, expected: Int)
    /// The reason is a sentence of its own.
    case specification(population: String, reason: String)
    /// Events are missing between two sequences.
    case gap(after: Int, next: Int)
    case noPopulation(event: Int, id: Int)
    /// Events from this one on cannot be applied.
    case unappliable(event: Int, population: String, reason: String)
    /// An exploit copies what its donor did not hold.
    case donor(event: Int, population: String, member: Int, donor: Int, report: Int)
    /// A lease that begins or ends, or a report under one, contradicts the events before it.
    case trained(event: Int, population: String, member: Int, isLeased: Bool)
    /// What is stored is not what the events lead to.
    case differs(population: String, what: String, stored: String, replayed: String)
    /// A baseline is of no population, or has members of none.
    case baseline(of: String)
    case lease(population: Int, member: Int)
    case twoLeases(population: String, member: Int)
    case unledLease(population: String, member: Int, worker: String)
    case missingLease(population: String, member: Int, worker: String)
    case releaseOfNothing(number: UInt64)
    case releaseOfHeld(number: UInt64, checkpoint: String)
}

extension Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .lostLog:
            "The last run did not end as it should, and journal.sqlite-wal, which held its newest "
                + "commits, is gone."
        case .pages(let text): "SQLite finds its file broken: \(text)."
        case .row(let table, let row):
            "The row of the table \(table) with \(row) is not one that murmur writes."
        case .unreadable(let what): "The journal holds \(what), which cannot be read."
        case .unreadableEvent(let event, let reason):
            "After event \(event) comes one that cannot be read (\(reason)); nothing that "
                + "follows from it was checked."
        case .misplaced(let place):
            "The table \(place.table) does not have event \(place.event) as it happened."
        case .numbering(let name, let id, let expected):
            "The population '\(name)' has the number \(id), where \(expected) is next."
        case .specification(let name, let reason):
            "The specification of '\(name)' cannot be read: \(reason)"
        case .gap(let after, let next) where next == after + 2:
            "Event \(after + 1) is missing."
        case .gap(let after, let next): "Events \(after + 1) to \(next - 1) are missing."
        case .noPopulation(let event, let id):
            "Event \(event) is of population number \(id), which does not exist."
        case .unappliable(let event, let name, let reason):
            "Event \(event) of '\(name)' cannot have happened: \(reason); what follows from it "
                + "was not checked."
        case .donor(let event, let name, let member, let donor, let report):
            "In event \(event), member \(member) of '\(name)' copies report \(report) of member "
                + "\(donor), which that member did not hold then."
        case .trained(let event, let name, let member, let isLeased):
            "In event \(event), member \(member) of '\(name)' "
                + (isLeased
                    ? "is leased or removed while a worker trains it."
                    : "is reported for or given back, though no worker trains it.")
        case .differs(let name, let what, let stored, let replayed):
            "Of '\(name)', \(what) is stored as \(stored), but the events lead to \(replayed)."
        case .baseline(let what):
            "The baseline, for which earlier events were pruned, is of \(what)."
        case .lease(let population, let member):
            "A lease is of member \(member) of population number \(population), which does not "
                + "exist."
        case .twoLeases(let name, let member):
            "Member \(member) of '\(name)' has more than one live lease."
        case .unledLease(let name, let member, let worker):
            "Member \(member) of '\(name)' is leased to \(worker), but its events do not say so."
        case .missingLease(let name, let member, let worker):
            "Member \(member) of '\(name)' was leased to \(worker), but has no live lease."
        case .releaseOfNothing(let number):
            "The release \(number) belongs to no event of its population."
        case .releaseOfHeld(let number, let checkpoint):
            "The release \(number) names the checkpoint \(checkpoint), which is held."
        }
    }
}
