import Evolution
import Messages
import Records

// Checkpoints that nothing holds any more. The coordinator tracks addresses, never bytes.
extension Core {
    /// Numbers of releases for each event, which are more than it can release: a few of its member's
    /// own states, and the best ever.
    private static let mostOfOneEvent: UInt64 = 16

    /// The sequence of the event that a release came of.
    package static func event(ofRelease number: UInt64) -> UInt64 { number / mostOfOneEvent }

    /// From now on the population is asked for what it holds.
    mutating func noteHolder(_ population: Int) {
        if population == 1 { addHeld(by: 0) }
        if population > 0 { addHeld(by: population) }
    }

    private mutating func addHeld(by population: Int) {
        for address in populations[population].population.checkpoints.addresses {
            holders.add(address, of: population)
        }
    }

    /// Notes what a population reported, which it may hold from then on. Whatever else it begins to hold
    /// it held already.
    mutating func noteHeld(_ reported: String, by population: Int) {
        let address = Checkpoints.Address(reported)
        guard populations.count > 1, populations[population].population.checkpoints.holds(address)
        else { return }
        holders.add(address, of: population)
    }

    /// Notes what the last event of a population released, to be told to its member's worker.
    mutating func noteReleased(in population: Int, by member: Int?) {
        let checkpoints = populations[population].population.takeReleased()
        guard !checkpoints.isEmpty else { return }
        let isTold = member.map { !populations[population].population.members[$0].isRemoved }
        if populations.count > 1 {
            for checkpoint in checkpoints {
                let address = Checkpoints.Address(checkpoint)
                if populations[population].population.checkpoints.holds(address) { continue }
                holders.remove(address, of: population)
            }
        }
        var number = UInt64(sequence) * Self.mostOfOneEvent
        for checkpoint in checkpoints where !isHeld(checkpoint) {
            let release = ReleaseRecord(
                number: number, population: population, member: isTold == true ? member : nil,
                checkpoint: checkpoint)
            number += 1
            add(release)
        }
    }

    private mutating func add(_ release: ReleaseRecord) {
        record(.release(release))
        guard let forgotten = releases.add(release) else { return }
        record(.forgetRelease(forgotten))
        logger.debug(
            "a release was not acknowledged for too long; its checkpoint stays where it is",
            metadata: ["population": "\(populations[release.population].name)"])
    }

    /// What the workers of a member did not deal with before it finished or was removed, others may.
    mutating func handOverReleases(of member: Int, in population: Int) {
        for var release in releases.take(of: member, in: population) {
            record(.forgetRelease(release.number))
            release.member = nil
            add(release)
        }
    }

    mutating func acknowledge(_ numbers: [UInt64], in population: Int) {
        for number in numbers where releases.remove(number, of: population) {
            record(.forgetRelease(number))
        }
    }

    /// What the worker that reported for a member is told, and what nobody is told any more because
    /// its address is in use again.
    mutating func tellReleased(to member: Int, of population: Int) -> [WireRelease] {
        var told: [WireRelease] = []
        for record in releases.told(to: member, of: population) {
            // What the last event released was looked up then.
            let isOfLastEvent = Self.event(ofRelease: record.number) == sequence
            guard isOfLastEvent || !isHeld(record.checkpoint) else {
                acknowledge([record.number], in: population)
                continue
            }
            var release = WireRelease()
            release.number = record.number
            release.checkpoint = record.checkpoint
            told.append(release)
        }
        return told
    }

    /// A checkpoint that is written over while others may load it is a mistake of the user's.
    func warnOfReuse(_ checkpoint: String?, by member: Int, of population: Int) {
        guard let checkpoint, isHeld(checkpoint) else { return }
        logger.warning(
            """
            a checkpoint's address is reported again while it is held; save each under a name of \
            its own
            """,
            metadata: [
                "population": "\(populations[population].name)", "member": "\(member)",
                "checkpoint": "\(checkpoint.escapingControls)",
            ])
    }

    /// Whether any population holds the address.
    package func isHeld(_ checkpoint: String) -> Bool {
        let address = Checkpoints.Address(checkpoint)
        guard populations.count == 1 else { return holders.isHeld(address) }
        return populations[0].population.checkpoints.holds(address)
    }
}
