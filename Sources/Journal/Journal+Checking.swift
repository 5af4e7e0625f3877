import Evolution
import Foundation
import GRDB
import Records

// What a check asks of the journal's file, before it goes by what is in it.
extension Journal {
    /// Calls `body`. All that it reads is of one moment, whatever a coordinator commits meanwhile.
    package func reading<Result>(
        _ body: () throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        try Self.catching(in: directory) {
            try queue.read { database in
                snapshot = database
                defer { snapshot = nil }
                return try body()
            }
        }
    }

    /// What SQLite finds wrong with its pages and indexes, one thing a text.
    package func brokenPages(limit: Int) throws(JournalError) -> [String] {
        try read { database in
            try String.fetchAll(database, sql: "PRAGMA integrity_check(\(limit))")
                .filter { $0 != "ok" }
        }
    }

    /// Rows that murmur does not write: a column holds something of another kind, or nothing.
    ///
    /// Reading such a row is an error.
    package func malformedRows(limit: Int) throws(JournalError) -> [MalformedRow] {
        try read { database in
            var found: [MalformedRow] = []
            for form in RowForm.all where found.count < limit {
                let rows = try String.fetchAll(
                    database,
                    sql: """
                        SELECT \(form.key) FROM \(form.table)
                        WHERE (\(form.condition)) IS NOT TRUE LIMIT \(limit - found.count)
                        """)
                found += rows.map { MalformedRow(table: form.table, row: $0) }
            }
            if found.isEmpty { found = try malformedChanges(database, limit: limit) }
            return found
        }
    }

    /// Rows of `recent` that cannot be read, or are not for the populations that there are.
    private func malformedChanges(_ database: Database, limit: Int) throws -> [MalformedRow] {
        let names = try Self.names(in: database)
        let rows = try Row.fetchCursor(
            database, sql: "SELECT number, changes FROM recent ORDER BY number")
        var found: [MalformedRow] = []
        while found.count < limit, let row = try rows.next() {
            var recent = RecentChanges()
            do {
                try recent.add(
                    writtenAs: [UInt8](try row.get("changes") as Data), firstEvent: 1)
                if recent.fits(names) { continue }
            } catch is DamagedChanges {}
            found.append(
                MalformedRow(table: "recent", row: "number \(try row.get("number") as Int)"))
        }
        return found
    }

    /// The events that the tables of places lack, and those that they have and should not.
    package func misplacedEvents(limit: Int) throws(JournalError) -> [MisplacedEvent] {
        try read { database in
            let first = try recentChanges(database).firstEvent ?? .max
            return try misplacedEvents(
                in: "event_of_member", events: "member IS NOT NULL",
                isSame: "place.population = event.population AND place.member = event.member",
                from: first, of: database, limit: limit)
                + misplacedEvents(
                    in: "event_of_population", events: "true",
                    isSame: "place.population = event.population",
                    from: first, of: database, limit: limit)
        }
    }

    /// - Parameters:
    ///   - events: those that the table has, as a condition.
    ///   - first: the first event that waits.
    private func misplacedEvents(
        in table: String, events: String, isSame: String, from first: Int, of database: Database,
        limit: Int
    ) throws -> [MisplacedEvent] {
        let lacking = try Int.fetchAll(
            database,
            sql: """
                SELECT sequence FROM event
                WHERE \(events) AND sequence < ? AND NOT EXISTS (
                    SELECT 1 FROM \(table) AS place
                    WHERE \(isSame) AND place.sequence = event.sequence)
                ORDER BY sequence LIMIT ?
                """, arguments: [first, limit])
        guard lacking.isEmpty else {
            return lacking.map { MisplacedEvent(table: table, event: $0) }
        }
        // Only others than those of the events can make them more.
        let isMore = try Bool.fetchOne(
            database,
            sql: """
                SELECT (SELECT count(*) FROM \(table)) > (
                    SELECT count(*) FROM event WHERE \(events) AND sequence < ?)
                """, arguments: [first])
        guard isMore == true else { return [] }
        return try Int.fetchAll(
            database,
            sql: """
                SELECT sequence FROM \(table) AS place
                WHERE sequence >= ? OR NOT EXISTS (
                    SELECT 1 FROM event WHERE event.sequence = place.sequence AND \(isSame))
                LIMIT ?
                """, arguments: [first, limit]
        ).map { MisplacedEvent(table: table, event: $0) }
    }
}

/// An event that a table of places does not have as it happened.
package struct MisplacedEvent: Hashable, Sendable {
    package var table: String
    package var event: Int
}

/// A row that is not as murmur writes it.
package struct MalformedRow: Hashable, Sendable {
    package var table: String
    /// Which one, by its columns.
    package var row: String
}

/// How the rows of a table are written, as a condition of SQL.
private struct RowForm {
    var table: String
    /// An expression that says which row it is.
    var key: String
    var condition: String

    init(_ table: String, key: [String], _ conditions: [String]) {
        self.table = table
        self.key = key.map { "'\($0) ' || quote(\($0))" }.joined(separator: " || ', ' || ")
        condition = conditions.joined(separator: " AND ")
    }

    static let all = [
        RowForm(
            "coordinator", key: ["id"],
            integers("epoch", "pruned") + [optional("directory", "text")]),
        RowForm("moved", key: ["former"], texts("former", "present")),
        RowForm(
            "population", key: ["id"],
            integers("created", "generation") + texts("name", "specification", "hyperparameters")
                + [statuses, state("best", "best_member")]),
        member("member"),
        member("baseline_member"),
        RowForm(
            "baseline_population", key: ["population"],
            integers("reports", "exploits", "generation")
                + [statuses, state("best", "best_member")]),
        archived("archived"),
        archived("baseline_archived"),
        RowForm(
            "event", key: ["sequence"],
            integers("time", "population")
                + [
                    optional("member", "integer"), optional("detail", "text"),
                    optional("checkpoint", "text"), optional("score", "real"),
                    optional("verdict", "text"),
                    oneOf(
                        "kind", "created", "leased", "reported", "declined", "released", "removed",
                        "paused", "resumed", "ended", "changed", "exploited",
                        "generation_closed"),
                    optional("generation", "integer"),
                    when("kind IN ('created', 'reported')", texts("hyperparameters")),
                    when("kind IN ('released', 'changed')", texts("detail")),
                    when(
                        "kind = 'reported'",
                        integers("report", "step", "declined") + texts("metrics")),
                    when(
                        "kind = 'exploited'",
                        integers("generation", "report", "step", "rank", "ranked", "donor")),
                    when(
                        "kind = 'generation_closed'",
                        integers("generation", "generation_reported")),
                    when("rank IS NOT NULL", integers("rank", "ranked")),
                    when("place IS NOT NULL", integers("rank", "place", "placed")),
                    when("donor IS NOT NULL", texts("explored", "operations")),
                    state("donor", "donor"),
                    when(
                        "fallback IS NOT NULL",
                        ["kind = 'declined'", oneOf("fallback", "previous", "donor", "start")]),
                    when(
                        "kind = 'declined'",
                        ["(donor IS NOT NULL) = (fallback IS NOT NULL AND fallback = 'donor')"]),
                ]),
        RowForm(
            "lease", key: ["population", "member"],
            integers("population", "member", "sequence", "time", "keeps", "digest")
                + texts("worker", "owner")
                + [oneOf("state", "live", "ended", "lapsed"), kind("directive", "blob")]),
        RowForm(
            "answer", key: ["time"],
            integers("time", "digest") + [kind("key", "blob"), kind("reply", "blob")]),
        RowForm(
            "release", key: ["number"],
            integers("population") + texts("checkpoint") + [optional("member", "integer")]),
        RowForm("recent", key: ["number"], integers("first_event") + [kind("changes", "blob")]),
        RowForm(
            "event_of_member", key: ["sequence"], integers("population", "member", "sequence")),
        RowForm("event_of_population", key: ["sequence"], integers("population", "sequence")),
        RowForm(
            "key", key: ["label"],
            integers(
                "created", "outstanding", "joins_per_second", "most_populations", "most_members",
                "made_populations", "made_members")
                + texts("label")
                + [
                    kind("public_key", "blob"), "length(public_key) = 32",
                    oneOf("role", "worker", "monitor", "admin"), optional("populations", "text"),
                    optional("expires", "integer"), optional("revoked", "integer"),
                ]),
    ]

    private static func member(_ table: String) -> RowForm {
        RowForm(
            table, key: ["population", "id"],
            integers(
                "population", "id", "step", "reports", "considered", "lost", "removed", "rescued",
                "generation", "held")
                + texts("hyperparameters")
                + [
                    when("standing_rank IS NOT NULL", integers("standing_rank", "standing_ranked")),
                    when("away_since IS NOT NULL", integers("away_since") + ["held = 0"]),
                    optional("donor", "integer"), optional("scores", "text"),
                    state("latest", "latest_member"),
                    state("previous", "previous_member"),
                ])
    }

    private static func archived(_ table: String) -> RowForm {
        RowForm(
            table, key: ["population", "place"],
            integers("population", "place", "copies", "state_member")
                + [kind("state_score", "real"), state("state", "state_member")])
    }

    private static func integers(_ columns: String...) -> [String] {
        columns.map { kind($0, "integer") }
    }

    private static func texts(_ columns: String...) -> [String] { columns.map { kind($0, "text") } }

    private static func kind(_ column: String, _ kind: String) -> String {
        "typeof(\(column)) = '\(kind)'"
    }

    private static func optional(_ column: String, _ kind: String) -> String {
        "typeof(\(column)) IN ('null', '\(kind)')"
    }

    private static var statuses: String {
        let words = ["active", "paused", "ended"] + Ending.allCases.map(\.rawValue)
        return oneOf("status", words)
    }

    private static func oneOf(_ column: String, _ texts: String...) -> String {
        oneOf(column, texts)
    }

    private static func oneOf(_ column: String, _ texts: [String]) -> String {
        "\(column) IN (\(texts.map { "'\($0)'" }.joined(separator: ", ")))"
    }

    private static func when(_ condition: String, _ conditions: [String]) -> String {
        "(NOT (\(condition)) OR (\(conditions.joined(separator: " AND "))))"
    }

    /// A committed state is there with all of its columns, or not at all.
    private static func state(_ prefix: String, _ member: String) -> String {
        when(
            "\(member) IS NOT NULL",
            integers(member, "\(prefix)_report", "\(prefix)_step")
                + texts("\(prefix)_checkpoint", "\(prefix)_hyperparameters")
                + [optional("\(prefix)_score", "real")])
    }
}
