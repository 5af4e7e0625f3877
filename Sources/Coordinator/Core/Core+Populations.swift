import Evolution
import Journal
import Messages

// Populations, and what is asked about them.
extension Core {
    /// The index of a population by its name; an empty name means the only one.
    func population(named name: String) throws(WireError) -> Int {
        if name.isEmpty, populations.count == 1 { return 0 }
        guard let id = ids[name] else {
            throw WireError.noPopulation(name, known: populations.map(\.name))
        }
        return id
    }

    func compare(_ text: String, with population: Int) throws(WireError) {
        let space: SearchSpace
        do throws(SpaceFileError) {
            space = try SpaceFile.parse(text: text, source: "the worker's search space").space
        } catch {
            throw WireError(.invalid, error.description)
        }
        let hosted = populations[population]
        guard space == hosted.specification.space else {
            throw WireError(
                .spaceMismatch,
                """
                The worker's search space is not the one of '\(hosted.name)'; \
                leave it out, or make a population with it under another name.
                """)
        }
    }

    mutating func create(
        _ creation: WireCreatePopulation, at now: Moment
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
        let specification: Specification
        do throws(SpaceFileError) {
            specification = try SpaceFile(text: creation.space, source: creation.source)
                .specification(overriding: creation)
        } catch {
            throw WireError(.invalid, error.description)
        }
        let id = populations.count
        record(
            .population(
                PopulationRecord(
                    id: id, name: creation.name,
                    specification: SpaceFile.render(specification),
                    hyperparameters: specification.space.hyperparameters.map(\.name),
                    created: now.wall)))
        var population = Population(specification)
        var events: [Event] = []
        for _ in 0..<specification.populationSize {
            let event = population.creation()
            population.apply(event)
            events.append(event)
        }
        var hosted = HostedPopulation(id: id, name: creation.name, population: population)
        hosted.queueMembers()
        ids[creation.name] = id
        populations.append(hosted)
        for event in events { record(event, of: id, at: now) }
        return describe(population: id)
    }

    func populations(after name: String) -> WirePopulations {
        var page = WirePopulations()
        // A page goes on after the name, whether or not it is one of ours.
        let names = ids.keys.filter { $0 > name }.sorted()
        for name in names.prefix(Limits.populationsPerPage) {
            page.populations.append(describe(population: ids[name]!))
        }
        page.more = names.count > page.populations.count
        return page
    }

    private func describe(population id: Int) -> WirePopulation {
        let hosted = populations[id]
        return WirePopulation(
            name: hosted.name, population: hosted.population, training: hosted.training)
    }

    func leaderboard(_ page: WireGetLeaderboard) throws(WireError) -> WireLeaderboard {
        let hosted = populations[try population(named: page.population)]
        return board(
            of: hosted, offset: Int(clamping: page.offset),
            limit: page.limit == 0 ? Limits.entriesPerPage : Int(page.limit))
    }

    func board(of hosted: HostedPopulation, offset: Int, limit: Int) -> WireLeaderboard {
        var board = WireLeaderboard(
            name: hosted.name, population: hosted.population, offset: offset,
            limit: min(limit, Limits.entriesPerPage), state: hosted.state(of:))
        board.summary.training = UInt64(hosted.training)
        board.summary.insecure = settings.insecure
        return board
    }
}
