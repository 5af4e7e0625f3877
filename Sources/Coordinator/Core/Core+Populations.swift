import Evolution
import Messages
import Records

// Populations, and what is asked about them.
extension Core {
    /// The index of a population by its name; an empty name means the only one that the principal
    /// knows of.
    func population(
        named name: String, for principal: Principal
    ) throws(WireError) -> Int {
        guard name.isEmpty else {
            try principal.demand(population: name)
            guard let id = ids[name] else {
                throw WireError.noPopulation(name, known: names(for: principal))
            }
            return id
        }
        let known = names(for: principal)
        guard known.count == 1, let id = ids[known[0]] else {
            throw WireError.noPopulation("", known: known)
        }
        return id
    }

    private func names(for principal: Principal) -> [String] {
        populations.map(\.name).filter(principal.mayRead)
    }

    mutating func compare(_ text: String, with population: Int) throws(WireError) {
        // Of a large space reading the text takes long, and all workers of a run send the same.
        if text == populations[population].comparedSpace { return }
        let space: SearchSpace
        do throws(SpaceFileError) {
            space = try SpaceFile.parse(text: text, source: "the worker's search space").space
        } catch {
            throw WireError(.invalid, error.description)
        }
        let hosted = populations[population]
        let own = hosted.specification.space
        // That of a replay may be no more than what its schedule has.
        let isReplayed =
            !hosted.specification.schedule.isEmpty
            && Set(space.hyperparameters.map(\.name)) == Set(own.hyperparameters.map(\.name))
        guard space == own || isReplayed else {
            throw WireError(
                .spaceMismatch,
                """
                The worker's search space is not the one of '\(hosted.name)'; \
                leave it out, or make a population with it under another name.
                """)
        }
        populations[population].comparedSpace = text
    }

    mutating func create(
        _ creation: WireCreatePopulation, as principal: Principal, at now: Moment
    ) throws(WireError) -> WirePopulation {
        guard Limits.isName(creation.name) else {
            throw WireError(
                .invalid,
                """
                '\(creation.name)' cannot name a population; use 1 to 64 letters, digits, dots, \
                dashes and underscores.
                """)
        }
        guard ids[creation.name] == nil else {
            throw WireError(
                .conflict,
                "There is a population '\(creation.name)' already; choose another name.")
        }
        let settings = try creation.values()
        let specification: Specification
        do throws(SpaceFileError) {
            specification = try SpaceFile(text: creation.space, source: creation.source)
                .specification(overriding: settings)
        } catch {
            throw WireError(.invalid, error.description)
        }
        let id = try host(specification, as: creation.name, by: principal, at: now)
        return describe(population: id)
    }

    /// Makes a population and its first members.
    ///
    /// - Returns: its index.
    private mutating func host(
        _ specification: Specification, as name: String, by principal: Principal, at now: Moment
    ) throws(WireError) -> Int {
        let made = try keyring.countMade(
            populations: 1, members: specification.populationSize, by: principal)
        if let made { record(.key(made)) }
        let id = populations.count
        var hosted = HostedPopulation(
            id: id, name: name, created: now.wall, population: Population(specification))
        hosted.opened = now.uptime
        hosted.rotatingWorkerHeard = specification.grows ? nil : now.uptime
        record(.population(hosted.record))
        ids[name] = id
        add(hosted)
        for _ in 0..<specification.populationSize { _ = newMember(of: id, at: now) }
        return id
    }

    /// Takes a population in, of which there is a board at once.
    mutating func add(_ hosted: HostedPopulation) {
        populations.append(hosted)
        noteHolder(hosted.id)
        planBoard(of: hosted.id, at: hosted.boardDue)
    }

    /// The population that a worker joins; the one that is open is made of the search space of the
    /// first who does.
    mutating func populationToJoin(
        _ join: WireJoin, as principal: Principal, at now: Moment
    ) throws(WireError) -> Int {
        // No name means the open one where there is nothing else, for who may know of it.
        let isOpen =
            join.population == open?.name
            || (join.population.isEmpty && populations.isEmpty
                && open.map { principal.mayRead($0.name) } == true)
        guard let open, isOpen, ids[open.name] == nil else {
            return try population(named: join.population, for: principal)
        }
        try principal.demand(population: open.name)
        guard !join.space.isEmpty else {
            throw WireError(
                .noPopulation,
                """
                The population '\(open.name)' is made of the search space that the first worker \
                brings; join with one.
                """)
        }
        let specification: Specification
        do throws(SpaceFileError) {
            specification = try SpaceFile(text: join.space, source: "the worker's search space")
                .specification(of: open, seed: tokens.next())
        } catch {
            throw WireError(.invalid, error.description)
        }
        return try host(specification, as: open.name, by: principal, at: now)
    }

    private var open: OpenPopulation? { settings.open }

    func populations(after name: String, for principal: Principal) -> WirePopulations {
        var page = WirePopulations()
        // A page goes on after the name, whether or not it is one of ours.
        let names = ids.keys.filter { $0 > name && principal.mayRead($0) }.sorted()
        var room = Page()
        for name in names.prefix(Limits.populationsPerPage) {
            let population = describe(population: ids[name]!)
            guard room.take(population) else { break }
            page.populations.append(population)
        }
        page.more = names.count > page.populations.count
        return page
    }

    func describe(population id: Int) -> WirePopulation {
        let hosted = populations[id]
        return WirePopulation(
            name: hosted.name, population: hosted.population, training: hosted.training)
    }

    func leaderboard(
        _ page: WireGetLeaderboard, for principal: Principal
    ) throws(WireError) -> WireLeaderboard {
        let hosted = populations[try population(named: page.population, for: principal)]
        return board(
            of: hosted, offset: Int(clamping: page.offset),
            limit: page.limit == 0 ? Limits.entriesPerPage : Int(page.limit))
    }

    package func board(
        of hosted: HostedPopulation, offset: Int, limit: Int
    ) -> WireLeaderboard {
        var board = WireLeaderboard(
            name: hosted.name, population: hosted.population, offset: offset, limit: limit,
            state: hosted.state(of:))
        complete(&board, of: hosted)
        return board
    }

    /// The same from the first row on, for the broadcast.
    func serializedBoard(of hosted: HostedPopulation, limit: Int) -> SerializedBoard {
        var board = SerializedBoard(
            name: hosted.name, population: hosted.population, limit: limit,
            state: hosted.state(of:))
        complete(&board.head, of: hosted)
        return board
    }

    private func complete(_ board: inout WireLeaderboard, of hosted: HostedPopulation) {
        board.summary.training = UInt64(hosted.training)
        board.summary.insecure = settings.insecure
    }
}
