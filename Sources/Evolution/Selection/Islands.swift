/// Several populations in one that decide at different intervals, each by its own ranking, and take over
/// members of each other ("Multiple-Frequencies Population-Based Training", Doulazmi et al.,
/// arXiv 2506.03225).
///
/// The island that decides most often gains quickly, and greedily; those that decide seldom keep what
/// pays later. In each, the worst quarter copies the best one and explores, and of the quarter before it
/// each member takes over one that is better, of another island, without exploring: all of it from an
/// island that decides less often, and from one that decides more often the state alone, with the
/// hyperparameters of its own island's best. So what only looks good soon is not passed on to the slow.
package struct Islands: SelectionRule {
    package static let name = "islands"
    package static let summary = """
        The members are divided among islands, which decide every so many intervals (`frequencies`). \
        In each the worst quarter copies the best one, and of the quarter before it each copies one \
        that is better, of another island. For long runs in which what gains soon costs later, and \
        for many members.
        """

    static let frequenciesSetting = Setting(
        "frequencies", in: .selection, .multiples(upTo: 16), default: [1, 10, 25, 50],
        "An island for each: it decides every so many intervals. There are only as many islands as "
            + "have four members each, the first ones.")
    package static let settings = [frequenciesSetting]

    /// With fewer members an island has no quarters.
    static let leastMembers = 4

    /// How often each island decides, the most frequent first.
    package let frequencies: [Int]

    package init(_ specification: Specification) {
        let all = specification.numbers(Self.frequenciesSetting).map { Int($0) }
        let islands = max(1, specification.populationSize / Self.leastMembers)
        frequencies = Array(all.prefix(islands))
    }

    /// The island of a member, whenever it was made.
    func island(of member: Int) -> Int { member % frequencies.count }

    func frequency(of member: Int) -> Int { frequencies[island(of: member)] }

    // MARK: - At a report

    package func choose(
        for candidate: Candidate, in population: Population, _ draws: inout Draws
    ) -> Choice {
        if let match = candidate.match { return choice(match, for: candidate, in: population) }
        guard let archipelago = population.archipelago,
            let standing = archipelago.standing(of: candidate.member)
        else { preconditionFailure("Whoever is a candidate is ranked on its island.") }
        let member = candidate.member
        let quarters = Quarters(standing.ranked)
        var facts = facts(member, standing)
        switch quarters.part(at: standing.rank) {
        case .upper: return .goesOn("not_among_worst", facts)
        case .lowest:
            if archipelago.rank(of: member) <= quarters.size { return .goesOn("among_best", facts) }
            let best = min(quarters.size, archipelago.donors(before: member))
            let donor = population.donor(of: candidate, among: best, &draws) {
                archipelago.donor(at: $0, like: member)
            }
            return donor.map { .copies($0, facts) } ?? .goesOn("nobody_to_copy", facts)
        case .third:
            let better = population.outsiders(before: member)
            if better == 0 { return .goesOn("no_better_outsider", facts) }
            let donor = population.donor(of: candidate, among: min(quarters.size, better), &draws) {
                population.outsider(at: $0, of: member)
            }
            guard let donor else { return .goesOn("nobody_to_copy", facts) }
            facts.append(Verdict.Fact("from", frequency(of: donor)))
            return migration(of: donor, to: member, facts, in: population)
        }
    }

    private func facts(_ member: Int, _ standing: Standing) -> [Verdict.Fact] {
        [
            Verdict.Fact("frequency", frequency(of: member)), Verdict.Fact("place", standing.rank),
            Verdict.Fact("placed", standing.ranked),
            Verdict.Fact("copiers", Quarters(standing.ranked).changing),
        ]
    }

    /// A member of another island is taken over as it is, or with the hyperparameters of the best one
    /// here.
    private func migration(
        of donor: Int, to member: Int, _ facts: [Verdict.Fact], in population: Population
    ) -> Choice {
        var choice = Choice.copies(donor, facts)
        choice.inheritance = .unchanged
        guard frequency(of: donor) < frequency(of: member),
            let best = population.archipelago?.best(like: member),
            let state = population.members[best].measured, state.score.isFinite
        else { return choice }
        choice.inheritance = .local(state.hyperparameters)
        return choice
    }

    // MARK: - When a generation closes

    /// Those that copy, each with its donor: the best one of the worst quarter copies the best of all
    /// here, the second the second. Of the quarter before it the best takes over the best one of the
    /// other islands that is better than itself, and the next the next.
    package func candidates(closing population: Population) -> [Candidate] {
        guard let archipelago = population.archipelago, let generation = population.generation
        else {
            preconditionFailure("A synchronous population has generations, and islands here.")
        }
        var candidates: [Candidate] = []
        for (island, frequency) in frequencies.enumerated()
        where generation.number.isMultiple(of: frequency) {
            let count = archipelago.counting(island)
            let quarters = Quarters(count)
            var (copied, migrated) = (0, 0)
            for rank in (count - quarters.changing + 1)..<(count + 1) {
                let member = archipelago.member(at: rank, of: island)
                guard var candidate = population.candidate(closing: member) else { continue }
                var match = Candidate.Match(standing: Standing(rank: rank, ranked: count))
                if quarters.part(at: rank) == .lowest {
                    if copied < min(quarters.size, archipelago.donors(before: member)) {
                        match.donor = archipelago.donor(at: copied, like: member)
                        copied += 1
                    }
                } else if migrated < population.outsiders(before: member) {
                    match.donor = population.outsider(at: migrated, of: member)
                    migrated += 1
                }
                candidate.match = match
                candidates.append(candidate)
            }
        }
        return candidates.sorted { $0.standing.rank < $1.standing.rank }
    }

    private func choice(
        _ match: Candidate.Match, for candidate: Candidate, in population: Population
    ) -> Choice {
        let member = candidate.member
        var facts = facts(member, match.standing)
        guard let donor = match.donor else { return .goesOn("nobody_to_copy", facts) }
        if island(of: donor) == island(of: member) { return .copies(donor, facts) }
        facts.append(Verdict.Fact("from", frequency(of: donor)))
        return migration(of: donor, to: member, facts, in: population)
    }

    // MARK: - In words

    package static func reason(of verdict: Verdict) -> String {
        let place = """
            It was at place \(verdict.count("place")) of \(verdict.count("placed")) of its island \
            (frequency \(verdict.count("frequency")))
            """
        let copiers = verdict.count("copiers")
        switch verdict.outcome {
        case "not_among_worst":
            return "\(place), and only the worst \(copiers == "1" ? "one" : copiers) may copy"
        case "among_best": return "\(place), but stood among the best ones there, who copy nobody"
        case "no_better_outsider": return "\(place), and none of another island was better"
        case "nobody_to_copy": return "\(place), but " + Verdict.nobodyToCopy
        default: break
        }
        guard let from = verdict["from"], let own = verdict["frequency"] else { return place }
        let what =
            from < own
            ? "the state alone, with the hyperparameters of its own island's best" : "as it was"
        return "\(place), and takes over who is better of one of frequency "
            + "\(verdict.count("from")), \(what)"
    }
}

/// An island's places, by what those in them do.
struct Quarters {
    let count: Int
    /// Of each; an island of fewer than four has some of one.
    let size: Int

    enum Part { case upper, third, lowest }

    init(_ count: Int) {
        self.count = count
        size = max(1, count / 4)
    }

    /// Whoever is alone has nobody on its island to copy.
    private var copying: Int { count > 1 ? size : 0 }
    /// How many, the last ones, may copy, on the island or from others.
    var changing: Int { min(count, copying + size) }

    func part(at place: Int) -> Part {
        if place > count - copying { return .lowest }
        return place > count - copying - size ? .third : .upper
    }
}

extension Specification {
    /// Islands are made with the population: how many there are does not change as it grows.
    func checkIslands() throws(SpecificationError) {
        guard selection is Islands else { return }
        let option = SelectionStrategy.setting.name
        if grows {
            throw SpecificationError(
                option: option,
                reason: "A population that grows cannot be divided among islands; leave grows out, "
                    + "or choose another selection.")
        }
        let least = 2 * Islands.leastMembers
        if populationSize < least {
            throw SpecificationError(
                option: option,
                reason: "Two islands have \(least) members at least, and population_size is "
                    + "\(populationSize); write more, or choose another selection.")
        }
    }
}
