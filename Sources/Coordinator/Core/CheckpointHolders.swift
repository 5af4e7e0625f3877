import Evolution

/// Which populations hold each checkpoint, so that not each of them is asked for every report. It is
/// kept from the second population on: of one alone, that one knows.
struct CheckpointHolders: Sendable {
    private var first: [Checkpoints.Address: Int] = [:]
    /// Those beside the first, of the few that several hold.
    private var others: [Checkpoints.Address: Set<Int>] = [:]

    func isHeld(_ address: Checkpoints.Address) -> Bool { first[address] != nil }

    mutating func add(_ address: Checkpoints.Address, of population: Int) {
        guard let holder = first[address] else {
            first[address] = population
            return
        }
        if holder != population { others[address, default: []].insert(population) }
    }

    mutating func remove(_ address: Checkpoints.Address, of population: Int) {
        if Hooks.present.forgetsOtherHolders { others[address] = nil }
        guard first[address] == population else {
            others[address]?.remove(population)
            return
        }
        first[address] = others[address]?.popFirst()
        if others[address]?.isEmpty == true { others[address] = nil }
    }
}
