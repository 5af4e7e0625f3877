import Records

/// Checkpoints that nothing holds any more, until a worker has dealt with them.
///
/// Each is told to the workers of one member, with every answer to their reports, until a report
/// names its number.
struct Releases: Sendable {
    /// Of each population's members, or of any of them, oldest first.
    private var records: [Owner: [ReleaseRecord]] = [:]
    /// By number.
    private var owners: [UInt64: Owner] = [:]

    private struct Owner: Hashable {
        var population: Int
        var member: Int?
    }

    /// Releases that wait for one member's workers at most. A worker that acknowledges nothing gets
    /// the newest of them.
    static let most = 64
    /// Those told at once, and the bytes of their addresses.
    private static let mostTold = 16
    private static let mostBytes = 16 * 1024

    /// - Returns: the number of one that is forgotten in its place.
    @discardableResult
    mutating func add(_ record: ReleaseRecord) -> UInt64? {
        let owner = Owner(population: record.population, member: record.member)
        owners[record.number] = owner
        return Self.add(record, to: &records[owner, default: []]).map { forgotten in
            owners[forgotten] = nil
            return forgotten
        }
    }

    private static func add(
        _ record: ReleaseRecord, to records: inout [ReleaseRecord]
    ) -> UInt64? {
        // One that was handed over is older than others here.
        let place = records.lastIndex { $0.number < record.number }.map { $0 + 1 } ?? 0
        records.insert(record, at: place)
        return records.count > most ? records.removeFirst().number : nil
    }

    /// Forgets one that was dealt with.
    ///
    /// - Returns: whether it was known.
    mutating func remove(_ number: UInt64, of population: Int) -> Bool {
        guard let index = owners.index(forKey: number),
            case let owner = owners[index].value, owner.population == population
        else { return false }
        owners.remove(at: index)
        // Their room stays: the member's next report is likely to release another one.
        if let index = records.index(forKey: owner) {
            records.values[index].removeAll { $0.number == number }
        }
        return true
    }

    /// Takes out all that only the workers of one member are told.
    mutating func take(of member: Int, in population: Int) -> [ReleaseRecord] {
        let taken = records.removeValue(forKey: Owner(population: population, member: member)) ?? []
        for record in taken { owners[record.number] = nil }
        return taken
    }

    /// What the worker of a member is told now.
    func told(to member: Int, of population: Int) -> ArraySlice<ReleaseRecord> {
        var all = records[Owner(population: population, member: member)] ?? []
        if let others = records[Owner(population: population, member: nil)] { all += others }
        var bytes = 0
        return all.prefix(Self.mostTold).prefix { record in
            bytes += record.checkpoint.utf8.count
            return bytes <= Self.mostBytes
        }
    }
}
