import Evolution

/// Where the core's state is kept, and found again at a start: the journal, or a simulated one.
package protocol Storage {
    /// The sequence of the last event that was committed; 0 before the first.
    var sequence: Int { get }
    /// Events up to this one were pruned, but for those that lineage needs; 0 for none.
    var pruned: Int { get }
    /// Where it is, for sentences.
    var directory: String { get }
    /// Where checkpoints are that were reported at other paths; what it reads has those of now.
    var moves: Moves { get }

    /// Makes a batch durable, all of it or nothing.
    func commit(_ changes: [Change]) throws(JournalError)

    func populations() throws(JournalError) -> [PopulationRecord]
    func members(of population: Int) throws(JournalError) -> [Member]
    func counts(of population: Int) throws(JournalError) -> (reports: Int, exploits: Int)
    func leases() throws(JournalError) -> [LeaseRecord]
    func releases() throws(JournalError) -> [ReleaseRecord]
    func answers() throws(JournalError) -> [AnswerRecord]
    func keys() throws(JournalError) -> [KeyRecord]

    func events(
        of population: Int, after sequence: Int, member: Int?, limit: Int
    ) throws(JournalError) -> [EventRecord]
    func descent(
        of population: Int, after sequence: Int, limit: Int, lookingAt most: Int
    ) throws(JournalError) -> (events: [EventRecord], through: Int?)
    func memberlessEvents(
        of population: Int, after sequence: Int, limit: Int
    ) throws(JournalError) -> [EventRecord]
    func lineage(
        of population: Int, member: Int, throughReport report: Int
    ) throws(JournalError) -> [Event]
}

extension Storage {
    package var moves: Moves { Moves() }

    /// Commits changes, if there are any.
    ///
    /// - Returns: why it has none of them; `nil` when it has all.
    package func failure(ofCommitting changes: [Change]) -> JournalError? {
        guard !changes.isEmpty else { return nil }
        do throws(JournalError) {
            try commit(changes)
            return nil
        } catch {
            return error
        }
    }
}
