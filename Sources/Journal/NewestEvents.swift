import Records

/// The events that were committed last, as they were committed: who follows a history while it grows is
/// answered from here. To read them from their rows costs as much as to take the reports did.
struct NewestEvents {
    /// How many are kept: some megabytes.
    static let most = 4096

    /// Sequences without a gap, from the oldest one on around the end.
    private var records: [EventRecord] = []
    private var oldest = 0

    mutating func add(_ record: EventRecord) {
        if let first, record.sequence != first + records.count { self = NewestEvents() }
        if records.count < Self.most {
            records.append(record)
        } else {
            records[oldest] = record
            oldest = (oldest + 1) % Self.most
        }
    }

    /// A population's events after a sequence, oldest first; `nil` where some of them may be older than
    /// what is kept.
    func events(of population: Int, after sequence: Int, limit: Int) -> [EventRecord]? {
        guard let first, sequence >= first - 1 else { return nil }
        var found: [EventRecord] = []
        var passed = min(sequence - (first - 1), records.count)
        while passed < records.count, found.count < limit {
            let place = (oldest + passed) % Self.most
            if records[place].population == population { found.append(records[place]) }
            passed += 1
        }
        return found
    }

    private var first: Int? { records.isEmpty ? nil : records[oldest].sequence }
}
