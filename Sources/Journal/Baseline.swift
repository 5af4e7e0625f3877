import Evolution
import GRDB
import Records

/// A population as the events up to one of them had left it. It stands for those that were pruned.
///
/// The settings that held then are not in it: every event that changed one is kept.
package struct Baseline: Hashable, Sendable {
    package var population: Int
    package var status: Population.Status
    package var reports: Int
    package var exploits: Int
    /// The open generation of a synchronous population; 0 in an asynchronous one.
    package var generation: Int
    package var best: CommittedState?
    package var archive: [ArchivedState]
    package var members: [Member]

    package init(_ population: Population, of id: Int) {
        self.population = id
        status = population.status
        reports = population.reports
        exploits = population.exploits
        generation = population.generation?.number ?? 0
        best = population.best
        archive = population.archive.states
        members = population.members
    }

    fileprivate init(
        population: Int, status: Population.Status, reports: Int, exploits: Int,
        generation: Int, best: CommittedState?, archive: [ArchivedState], members: [Member]
    ) {
        self.population = population
        self.status = status
        self.reports = reports
        self.exploits = exploits
        self.generation = generation
        self.best = best
        self.archive = archive
        self.members = members
    }
}

extension Journal {
    /// What the pruned events led to, by the populations' numbers.
    package func baselines() throws(JournalError) -> [Baseline] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM baseline_population ORDER BY population"
            ).map { try baseline($0, in: database) }
        }
    }

    private func baseline(_ row: Row, in database: Database) throws -> Baseline {
        let population: Int = try row.get("population")
        return Baseline(
            population: population,
            status: try Population.Status(rawValue: row.get("status"))
                .orThrow(damaged("a population of an unknown status")),
            reports: try row.count("reports"), exploits: try row.count("exploits"),
            generation: try row.count("generation"),
            best: try state(row, "best", member: "best_member"),
            archive: try archive(of: population, in: "baseline_archived", of: database),
            members: try members(of: population, in: "baseline_member", of: database))
    }

    /// The members of a baseline that belong to no population of it.
    package func strayBaselineMembers() throws(JournalError) -> Int {
        try read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM baseline_member
                    WHERE population NOT IN (SELECT population FROM baseline_population)
                    """) ?? 0
        }
    }

    func insert(_ baseline: Baseline, into database: Database) throws {
        var rows = RowWriter(database, names: names, written: written)
        var arguments: [(any DatabaseValueConvertible)?] = [
            baseline.population, baseline.status.rawValue, baseline.reports, baseline.exploits,
            baseline.generation,
        ]
        arguments += rows.columns(baseline.best, of: baseline.population)
        try database.execute(
            sql: "INSERT INTO baseline_population VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: StatementArguments(arguments))
        try rows.write(baseline.archive, of: baseline.population, as: .baselineArchived)
        for member in baseline.members {
            try rows.write(member, of: baseline.population, as: .baselineMember)
        }
    }
}
