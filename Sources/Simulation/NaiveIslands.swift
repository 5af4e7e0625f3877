import Evolution

/// Who may copy whom where the members are divided among islands, by looking at everybody.
struct NaiveIslands {
    let evidence: NaiveEvidence
    /// The members by their last standings, best first; `nil` when a generation closes.
    let placed: [Int]?
    private let frequencies: [Int]
    /// Who copies whom, when a generation closes.
    private var table: [Int: CommittedState] = [:]

    init(_ evidence: NaiveEvidence, placed: [Int]?) {
        self.evidence = evidence
        self.placed = placed
        frequencies = Self.frequencies(evidence.rules)
    }

    /// - Parameters:
    ///   - generation: the one that closes.
    ///   - eligible: those that may copy.
    init(_ evidence: NaiveEvidence, closing generation: Int, eligible: [Int]) {
        self.init(evidence, placed: nil)
        for (island, frequency) in frequencies.enumerated() where generation % frequency == 0 {
            let here = evidence.ranked.filter { self.island(of: $0) == island }
            let size = size(here.count)
            var (copied, migrated) = (0, 0)
            for (index, id) in here.enumerated() where eligible.contains(id) {
                let left = here.count - 1 - index
                if left < copying(here.count) {
                    let best = evidence.donors(among: here[..<index]).prefix(size)
                    guard copied < best.count else { continue }
                    table[id] = best[copied]
                    copied += 1
                } else if left < copying(here.count) + size {
                    let better = outsiders(before: id)
                    guard migrated < better.count else { continue }
                    table[id] = better[migrated]
                    migrated += 1
                }
            }
        }
    }

    private static func frequencies(_ rules: Specification) -> [Int] {
        guard case .numbers(let numbers) = rules.settings["frequencies"] else { return [1] }
        return numbers.prefix(max(1, rules.populationSize / 4)).map { Int($0) }
    }

    /// Every so many intervals a member's island decides; each one without islands.
    static func frequency(of id: Int, by rules: Specification) -> Int {
        guard type(of: rules.selection).name == Islands.name else { return 1 }
        let frequencies = frequencies(rules)
        return frequencies[id % frequencies.count]
    }

    private func island(of id: Int) -> Int { id % frequencies.count }
    private func size(_ count: Int) -> Int { max(1, count / 4) }
    private func copying(_ count: Int) -> Int { count > 1 ? size(count) : 0 }

    /// What those of other islands may be copied with that are ranked before the member.
    private func outsiders(before id: Int) -> [CommittedState] {
        let before = evidence.ranked.prefix { $0 != id }
        return evidence.donors(among: before).filter { island(of: $0.member) != island(of: id) }
    }

    /// What the member may copy.
    func donors(of id: Int) -> [CommittedState] {
        guard let placed else { return [table[id]].compactMap(\.self) }
        let here = evidence.ranked.filter { island(of: $0) == island(of: id) }
        let stood = placed.filter { island(of: $0) == island(of: id) }
        let order = stood.count == here.count ? stood : here
        guard let place = order.firstIndex(of: id) else { return [] }
        let (left, size) = (order.count - 1 - place, size(order.count))
        if left < copying(order.count) {
            if here.prefix(size).contains(id) { return [] }
            let better = evidence.donors(among: here.prefix { $0 != id })
            return Array(better.prefix(size))
        }
        return left < copying(order.count) + size ? Array(outsiders(before: id).prefix(size)) : []
    }

    /// What a copy trains with; `nil` when that is explored.
    func values(of exploit: Exploit, by id: Int) -> [Value]? {
        let donor = exploit.donor
        if island(of: donor.member) == island(of: id) { return nil }
        let best = evidence.ranked.first { island(of: $0) == island(of: id) }
        guard island(of: donor.member) < island(of: id), let best,
            let state = evidence.measured(best), state.score.isFinite
        else { return donor.hyperparameters }
        return state.hyperparameters
    }
}
