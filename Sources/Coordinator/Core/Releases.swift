import Journal

/// Checkpoints that nothing holds any more, until a worker has dealt with them.
///
/// Each is told to the workers of one member, with every answer to their reports, until a report
/// names its number.
struct Releases: Sendable {
    private var records: [UInt64: ReleaseRecord] = [:]
    /// The numbers for each of a population's members, or for any of them, oldest first.
    private var numbers: [Owner: [UInt64]] = [:]

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
        records[record.number] = record
        // One that was handed over is older than others here.
        let place = numbers[owner]?.lastIndex { $0 < record.number }.map { $0 + 1 } ?? 0
        numbers[owner, default: []].insert(record.number, at: place)
        guard let all = numbers[owner], all.count > Self.most else { return nil }
        remove(all[0])
        return all[0]
    }

    /// Forgets one that was dealt with.
    ///
    /// - Returns: whether it was known.
    mutating func remove(_ number: UInt64, of population: Int) -> Bool {
        guard records[number]?.population == population else { return false }
        remove(number)
        return true
    }

    /// Takes out all that only the workers of one member are told.
    mutating func take(of member: Int, in population: Int) -> [ReleaseRecord] {
        let all = numbers[Owner(population: population, member: member)] ?? []
        let taken = all.compactMap { records[$0] }
        for number in all { remove(number) }
        return taken
    }

    /// What the worker of a member is told now.
    func told(to member: Int, of population: Int) -> [ReleaseRecord] {
        let all =
            (numbers[Owner(population: population, member: member)] ?? [])
            + (numbers[Owner(population: population, member: nil)] ?? [])
        var bytes = 0
        return all.prefix(Self.mostTold).compactMap { records[$0] }.prefix { record in
            bytes += record.checkpoint.utf8.count
            return bytes <= Self.mostBytes
        }
    }

    private mutating func remove(_ number: UInt64) {
        guard let record = records.removeValue(forKey: number) else { return }
        let owner = Owner(population: record.population, member: record.member)
        numbers[owner]?.removeAll { $0 == number }
        if numbers[owner]?.isEmpty == true { numbers[owner] = nil }
    }
}
