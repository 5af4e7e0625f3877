/// The islands' own rankings: what a population's ranking and its standings are for all members, for
/// those of each island by themselves.
struct Archipelago: Sendable {
    private struct Island {
        var ranking = Ranking()
        /// By where each stood in the population when an exploit was last considered for it.
        var standings = Ranking()
    }

    let rule: Islands
    /// Those of an island are numbered in the order of their numbers.
    private var islands: [Island]

    init(_ rule: Islands) {
        self.rule = rule
        islands = Array(repeating: Island(), count: rule.frequencies.count)
    }

    private func slot(of member: Int) -> Int { member / islands.count }
    private func member(_ slot: Int, of island: Int) -> Int { slot * islands.count + island }

    private func own(_ member: Int) -> Island { islands[rule.island(of: member)] }

    mutating func rank(_ member: Int, _ key: Ranking.Key?) {
        let slot = slot(of: member)
        islands[rule.island(of: member)].ranking.place(slot, key)
    }

    mutating func stand(_ member: Int, _ key: Ranking.Key?) {
        let slot = slot(of: member)
        islands[rule.island(of: member)].standings.place(slot, key)
    }

    /// How many members of an island count.
    func counting(_ island: Int) -> Int { islands[island].ranking.counting }

    /// The member at a rank from 1, of those that count.
    func member(at rank: Int, of island: Int) -> Int {
        member(islands[island].ranking.member(atCounting: rank), of: island)
    }

    /// A member's rank from 1 on its island. It must count.
    func rank(of member: Int) -> Int {
        guard let rank = own(member).ranking.countingRank(of: slot(of: member)) else {
            preconditionFailure("Whoever is ranked is ranked on its island.")
        }
        return rank
    }

    /// Where a member that counts stands on its island: by what each stood at when it was last decided
    /// on, or, until that is known of all of them, by their scores. Of an island that decides seldom it
    /// would else be known of the first alone.
    func standing(of member: Int) -> Standing? {
        let own = own(member)
        guard let rank = own.ranking.countingRank(of: slot(of: member)) else { return nil }
        let counting = own.ranking.counting
        guard own.standings.count == counting, let place = own.standings.rank(of: slot(of: member))
        else { return Standing(rank: rank, ranked: counting) }
        return Standing(rank: place, ranked: counting)
    }

    /// How many of a member's island may be copied and are ranked before it.
    func donors(before member: Int) -> Int { own(member).ranking.donors(before: slot(of: member)) }

    /// How many of a member's island may be copied.
    func donors(like member: Int) -> Int { own(member).ranking.donors }

    /// The one at a place from 0 of those on a member's island that may be copied.
    func donor(at place: Int, like member: Int) -> Int {
        let island = rule.island(of: member)
        return self.member(islands[island].ranking.donor(at: place + 1), of: island)
    }

    /// The best member of a member's island. That one must count.
    func best(like member: Int) -> Int { self.member(at: 1, of: rule.island(of: member)) }
}

// MARK: - Of all islands but a member's own

extension Population {
    /// How many of other islands may be copied and are ranked before the member.
    func outsiders(before member: Int) -> Int {
        donors(before: member) - (archipelago?.donors(before: member) ?? 0)
    }

    /// The one at a place from 0 of those of other islands that may be copied. Costs O(log² n).
    func outsider(at place: Int, of member: Int) -> Int {
        guard let archipelago else { preconditionFailure("There are islands.") }
        // How many of the member's own island are ranked before that one.
        var (least, most) = (0, archipelago.donors(like: member))
        while least < most {
            let middle = (least + most) / 2
            let insider = archipelago.donor(at: middle, like: member)
            if donors(before: insider) - middle <= place {
                least = middle + 1
            } else {
                most = middle
            }
        }
        return ranking.donor(at: place + least + 1)
    }
}
