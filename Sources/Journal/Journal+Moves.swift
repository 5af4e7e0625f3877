import Evolution
import GRDB
import Records

// Checkpoints are read with the paths that they have now.
extension Journal {
    func readMoves(from database: Database) throws -> Moves {
        var all: [String: String] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT former, present FROM moved") {
            all[try row.get("former")] = try row.get("present")
        }
        var moves = Moves(all)
        let now = Moves.absolute(directory)
        moves.use(now)
        let row = try Row.fetchOne(database, sql: "SELECT directory FROM coordinator")
        if let former = try row?.get("directory") as String? {
            moves.addDataDirectory(former, to: now)
        }
        return moves
    }

    /// Keeps where everything is now, for when it is moved again.
    package func keepMoves() throws(JournalError) {
        try Self.catching(in: directory) {
            try queue.write { database in
                try database.execute(
                    sql: "UPDATE coordinator SET directory = ?; DELETE FROM moved",
                    arguments: [Moves.absolute(directory)])
                for (former, present) in moves.all.sorted(by: { $0.key < $1.key }) {
                    try database.execute(
                        sql: "INSERT INTO moved VALUES (?, ?)", arguments: [former, present])
                }
            }
        }
    }
}

extension Moves {
    func found(_ member: Member) -> Member {
        if isEmpty { return member }
        var member = member
        if let latest = member.latest { member.latest?.checkpoint = now(latest.checkpoint) }
        if let previous = member.previous { member.previous?.checkpoint = now(previous.checkpoint) }
        return member
    }

    func found(_ population: PopulationState) -> PopulationState {
        if isEmpty { return population }
        var population = population
        if let best = population.best { population.best?.checkpoint = now(best.checkpoint) }
        for place in population.archive.indices {
            let checkpoint = population.archive[place].state.checkpoint
            population.archive[place].state.checkpoint = now(checkpoint)
        }
        return population
    }

    func found(_ release: ReleaseRecord) -> ReleaseRecord {
        if isEmpty { return release }
        var release = release
        release.checkpoint = now(release.checkpoint)
        return release
    }
}
