import GRDB
import Records

/// The journal's tables. Columns are plain, so that people can read them with any SQLite tool.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    -- One row: the number of the coordinator's present or last run.
                    CREATE TABLE coordinator (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        epoch INTEGER NOT NULL
                    );
                    INSERT INTO coordinator VALUES (1, 0);

                    CREATE TABLE population (
                        id INTEGER PRIMARY KEY,
                        name TEXT NOT NULL UNIQUE,
                        specification TEXT NOT NULL,
                        hyperparameters TEXT NOT NULL,
                        created INTEGER NOT NULL
                    );

                    -- All that happened, in order. Times are milliseconds since 1970 UTC;
                    -- hyperparameters and metrics are JSON objects; a NULL score is NaN.
                    CREATE TABLE event (
                        sequence INTEGER PRIMARY KEY,
                        time INTEGER NOT NULL,
                        population INTEGER NOT NULL,
                        member INTEGER NOT NULL,
                        kind TEXT NOT NULL,
                        detail TEXT,
                        report INTEGER,
                        step INTEGER,
                        score REAL,
                        checkpoint TEXT,
                        hyperparameters TEXT,
                        metrics TEXT,
                        declined INTEGER,
                        rank INTEGER,
                        ranked INTEGER,
                        donor INTEGER,
                        donor_report INTEGER,
                        donor_step INTEGER,
                        donor_score REAL,
                        donor_checkpoint TEXT,
                        donor_hyperparameters TEXT,
                        explored TEXT,
                        operations TEXT
                    );
                    CREATE INDEX event_member ON event (population, member, sequence);
                    CREATE INDEX event_exploit ON event (population, sequence)
                        WHERE donor IS NOT NULL;

                    -- The members' present state: what the events lead to.
                    CREATE TABLE member (
                        population INTEGER NOT NULL,
                        id INTEGER NOT NULL,
                        hyperparameters TEXT NOT NULL,
                        step INTEGER NOT NULL,
                        reports INTEGER NOT NULL,
                        considered INTEGER NOT NULL,
                        donor INTEGER,
                        latest_member INTEGER,
                        latest_report INTEGER,
                        latest_step INTEGER,
                        latest_score REAL,
                        latest_checkpoint TEXT,
                        latest_hyperparameters TEXT,
                        previous_member INTEGER,
                        previous_report INTEGER,
                        previous_step INTEGER,
                        previous_score REAL,
                        previous_checkpoint TEXT,
                        previous_hyperparameters TEXT,
                        PRIMARY KEY (population, id)
                    ) WITHOUT ROWID;

                    -- Tokens are 64 bits, kept as signed integers.
                    CREATE TABLE lease (
                        token INTEGER PRIMARY KEY,
                        population INTEGER NOT NULL,
                        member INTEGER NOT NULL,
                        worker TEXT NOT NULL,
                        sequence INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        directive BLOB NOT NULL,
                        time INTEGER NOT NULL
                    );

                    -- What was answered to requests that carry a key.
                    CREATE TABLE answer (
                        key BLOB PRIMARY KEY,
                        reply BLOB NOT NULL,
                        time INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE population ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
                    -- The best state that any member ever committed.
                    ALTER TABLE population ADD COLUMN best_member INTEGER;
                    ALTER TABLE population ADD COLUMN best_report INTEGER;
                    ALTER TABLE population ADD COLUMN best_step INTEGER;
                    ALTER TABLE population ADD COLUMN best_score REAL;
                    ALTER TABLE population ADD COLUMN best_checkpoint TEXT;
                    ALTER TABLE population ADD COLUMN best_hyperparameters TEXT;

                    ALTER TABLE member ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE member ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE lease ADD COLUMN keeps INTEGER NOT NULL DEFAULT 0;

                    -- What happens to a whole population has no member.
                    CREATE TABLE event_2 (
                        sequence INTEGER PRIMARY KEY,
                        time INTEGER NOT NULL,
                        population INTEGER NOT NULL,
                        member INTEGER,
                        kind TEXT NOT NULL,
                        detail TEXT,
                        report INTEGER,
                        step INTEGER,
                        score REAL,
                        checkpoint TEXT,
                        hyperparameters TEXT,
                        metrics TEXT,
                        declined INTEGER,
                        rank INTEGER,
                        ranked INTEGER,
                        donor INTEGER,
                        donor_report INTEGER,
                        donor_step INTEGER,
                        donor_score REAL,
                        donor_checkpoint TEXT,
                        donor_hyperparameters TEXT,
                        explored TEXT,
                        operations TEXT
                    );
                    INSERT INTO event_2 SELECT * FROM event;
                    DROP TABLE event;
                    ALTER TABLE event_2 RENAME TO event;
                    CREATE INDEX event_member ON event (population, member, sequence);
                    CREATE INDEX event_exploit ON event (population, sequence)
                        WHERE donor IS NOT NULL;

                    -- Checkpoints that nothing holds any more, until a worker has dealt with them.
                    CREATE TABLE release (
                        number INTEGER PRIMARY KEY,
                        population INTEGER NOT NULL,
                        member INTEGER,
                        checkpoint TEXT NOT NULL
                    );
                    """)
            try fillIn(database)
        }
        migrator.registerMigration("3") { database in
            try database.execute(
                sql: """
                    -- What a member goes on from that declined: previous, donor or start; NULL for
                    -- previous in what was declined before.
                    ALTER TABLE event ADD COLUMN fallback TEXT;
                    ALTER TABLE member ADD COLUMN rescued INTEGER NOT NULL DEFAULT 0;
                    -- The open generation of a synchronous population; 0 in an asynchronous one.
                    ALTER TABLE population ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
                    -- The last generation that the member reported for; 0 for none.
                    ALTER TABLE member ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
                    -- The generation that a report counts for, or that closed, and how many members
                    -- had reported for it then.
                    ALTER TABLE event ADD COLUMN generation INTEGER;
                    ALTER TABLE event ADD COLUMN generation_reported INTEGER;
                    -- Events up to this one were pruned, but for those that lineage needs.
                    ALTER TABLE coordinator ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;

                    -- What the events up to that one led to.
                    CREATE TABLE baseline_population (
                        population INTEGER PRIMARY KEY,
                        status TEXT NOT NULL,
                        reports INTEGER NOT NULL,
                        exploits INTEGER NOT NULL,
                        generation INTEGER NOT NULL,
                        best_member INTEGER,
                        best_report INTEGER,
                        best_step INTEGER,
                        best_score REAL,
                        best_checkpoint TEXT,
                        best_hyperparameters TEXT
                    );
                    -- The same columns as those of the members' present state.
                    CREATE TABLE baseline_member AS SELECT * FROM member WHERE false;
                    """)
        }
        migrator.registerMigration("4") { database in
            try database.execute(
                sql: """
                    -- The key of the lease's holder; empty for whoever shares the secret.
                    ALTER TABLE lease ADD COLUMN owner TEXT NOT NULL DEFAULT '';

                    -- The public keys of those who were invited, and what they may do.
                    CREATE TABLE key (
                        public_key BLOB PRIMARY KEY,
                        role TEXT NOT NULL,
                        -- Names with a space between them; NULL for all.
                        populations TEXT,
                        label TEXT NOT NULL,
                        created INTEGER NOT NULL,
                        expires INTEGER,
                        revoked INTEGER,
                        outstanding INTEGER NOT NULL,
                        joins_per_second INTEGER NOT NULL,
                        most_populations INTEGER NOT NULL,
                        most_members INTEGER NOT NULL,
                        made_populations INTEGER NOT NULL,
                        made_members INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("5") { database in
            try database.execute(
                sql: """
                    -- Changes of members, leases and releases that are not in their tables yet, a
                    -- batch a row, in order. The events from the first row's first one on are not
                    -- in event_of_member either.
                    CREATE TABLE recent (
                        number INTEGER PRIMARY KEY,
                        first_event INTEGER NOT NULL,
                        changes BLOB NOT NULL
                    );

                    -- Where each member's events are. An index would be written with each event,
                    -- and nearly each time on another page.
                    CREATE TABLE event_of_member (
                        population INTEGER NOT NULL,
                        member INTEGER NOT NULL,
                        sequence INTEGER NOT NULL,
                        PRIMARY KEY (population, member, sequence)
                    ) WITHOUT ROWID;
                    INSERT INTO event_of_member SELECT population, member, sequence FROM event
                        WHERE member IS NOT NULL ORDER BY population, member, sequence;
                    DROP INDEX event_member;
                    -- Written at one end for each population.
                    CREATE INDEX event_population ON event (population, sequence);
                    """)
        }
        migrator.registerMigration("6") { database in
            try database.execute(
                sql: """
                    -- Where the standing of `rank` and `ranked` stands among those that the members
                    -- had when an exploit was last considered for them.
                    ALTER TABLE event ADD COLUMN place INTEGER;
                    ALTER TABLE event ADD COLUMN placed INTEGER;
                    -- Where the member stood then.
                    ALTER TABLE member ADD COLUMN standing_rank INTEGER;
                    ALTER TABLE member ADD COLUMN standing_ranked INTEGER;
                    -- A worker trains it.
                    ALTER TABLE member ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
                    -- Its worker left or was lost when its population had taken so many reports.
                    ALTER TABLE member ADD COLUMN away_since INTEGER;
                    ALTER TABLE baseline_member ADD COLUMN standing_rank INTEGER;
                    ALTER TABLE baseline_member ADD COLUMN standing_ranked INTEGER;
                    ALTER TABLE baseline_member ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE baseline_member ADD COLUMN away_since INTEGER;
                    """)
            // What waits is written with all columns.
            try addVerdictsAndScores(database)
            try addDigests(database)
            try addPlaces(database)
            try settleRecent(database)
            try fillInPresence(database)
        }
        migrator.registerMigration("7") { database in
            // Not for those that have just come from before version 6.
            if try !database.columns(in: "event").contains(where: { $0.name == "verdict" }) {
                try addVerdictsAndScores(database)
            }
        }
        migrator.registerMigration("8") { database in
            if try !database.columns(in: "lease").contains(where: { $0.name == "digest" }) {
                try addDigests(database)
            }
        }
        migrator.registerMigration("9") { database in
            try database.execute(
                sql: """
                    -- The data directory when a coordinator last began to serve it.
                    ALTER TABLE coordinator ADD COLUMN directory TEXT;
                    -- Directories that were moved since checkpoints in them were reported.
                    CREATE TABLE moved (
                        former TEXT PRIMARY KEY,
                        present TEXT NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("10") { database in
            try database.execute(
                sql: """
                    -- What happened to populations themselves, among all that happened to members.
                    CREATE INDEX event_memberless ON event (population, sequence)
                        WHERE member IS NULL;
                    """)
        }
        migrator.registerMigration("11") { database in
            try database.execute(
                sql: """
                    -- Where each population's events are, up to the first that waits. An index would be
                    -- written with each event.
                    CREATE TABLE event_of_population (
                        population INTEGER NOT NULL,
                        sequence INTEGER NOT NULL,
                        PRIMARY KEY (population, sequence)
                    ) WITHOUT ROWID;
                    INSERT INTO event_of_population SELECT population, sequence FROM event
                        WHERE (SELECT min(first_event) FROM recent) IS NULL
                            OR sequence < (SELECT min(first_event) FROM recent)
                        ORDER BY population, sequence;
                    DROP INDEX event_population;
                    """)
        }
        migrator.registerMigration("12") { database in
            if try !database.columns(in: "lease").contains(where: { $0.name == "place" }) {
                try addPlaces(database)
            }
        }
        // Search spaces may have what older versions do not read: they are to ask for this one.
        migrator.registerMigration("13") { _ in }
        migrator.registerMigration("14") { database in
            // What was pruned led to some too.
            for table in ["archived", "baseline_archived"] {
                try database.execute(
                    sql: """
                        -- The best states ever, where they are kept to be copied: the best one's place
                        -- is 1, and copies tells how often one was copied.
                        CREATE TABLE \(table) (
                            population INTEGER NOT NULL,
                            place INTEGER NOT NULL,
                            copies INTEGER NOT NULL,
                            state_member INTEGER NOT NULL,
                            state_report INTEGER NOT NULL,
                            state_step INTEGER NOT NULL,
                            state_score REAL NOT NULL,
                            state_checkpoint TEXT NOT NULL,
                            state_hyperparameters TEXT NOT NULL,
                            PRIMARY KEY (population, place)
                        ) WITHOUT ROWID;
                        """)
            }
        }
        return migrator
    }()

    /// What version 2 stores, from the events before it.
    private static func fillIn(_ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE member SET lost = 1 WHERE (
                    SELECT kind || ' ' || ifnull(detail, '') FROM event
                    WHERE event.population = member.population AND event.member = member.id
                        AND kind IN ('leased', 'released')
                    ORDER BY sequence DESC LIMIT 1
                ) = 'released lapsed'
                """)
        for population in try Row.fetchAll(
            database, sql: "SELECT id, specification FROM population")
        {
            let isMinimizing = (population[1] as String).hasPrefix("objective: minimize\n")
            // The first of equals, as the coordinator keeps it.
            try database.execute(
                sql: """
                    UPDATE population SET
                        (best_member, best_report, best_step, best_score, best_checkpoint,
                            best_hyperparameters) = (
                            SELECT member, report, step, score, checkpoint, hyperparameters
                            FROM event
                            WHERE population = ?1 AND kind = 'reported' AND checkpoint IS NOT NULL
                                AND abs(score) < 9e999
                            ORDER BY score \(isMinimizing ? "ASC" : "DESC"), sequence LIMIT 1)
                    WHERE id = ?1
                    """, arguments: [population[0] as Int])
        }
    }

    private static func addVerdictsAndScores(_ database: Database) throws {
        try database.execute(
            sql: """
                -- Why a report led to an exploit or to none: the rule, what came of it, and what
                -- decided; NULL in what was decided before.
                ALTER TABLE event ADD COLUMN verdict TEXT;
                -- The last scores that the member measured itself, where rules look at several: how
                -- many of them came since its last copy, and each one's step, score and place among
                -- those of its step.
                ALTER TABLE member ADD COLUMN scores TEXT;
                ALTER TABLE baseline_member ADD COLUMN scores TEXT;
                """)
    }

    private static func addDigests(_ database: Database) throws {
        try database.execute(
            sql: """
                -- What the last report under the lease said, in short; 0 when that is not known.
                ALTER TABLE lease ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
                -- The same of the request that was answered.
                ALTER TABLE answer ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
                """)
    }

    private static func addPlaces(_ database: Database) throws {
        try database.execute(
            sql: """
                -- What stays the same when the lease's worker is started again; empty for none.
                ALTER TABLE lease ADD COLUMN place TEXT NOT NULL DEFAULT '';
                """)
    }

    /// Changes that wait were written without what version 6 adds.
    private static func settleRecent(_ database: Database) throws {
        let recent = try RecentChanges.read(from: database)
        guard recent.firstEvent != nil else { return }
        let names = try Journal.names(in: database)
        guard recent.fits(names) else { throw DamagedChanges() }
        var rows = RowWriter(database, names: names, written: WrittenValues())
        try rows.settle(recent, isKept: true, places: [.eventsOfMembers])
    }

    /// What version 6 stores, from the events that were not pruned.
    private static func fillInPresence(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TEMP TABLE last_event AS
                    SELECT population, member,
                        max(CASE WHEN kind IN ('leased', 'released', 'removed') THEN sequence END)
                            AS presence,
                        max(CASE WHEN kind = 'reported' AND rank IS NOT NULL THEN sequence END)
                            AS standing
                    FROM event
                    WHERE member IS NOT NULL AND sequence > (SELECT pruned FROM coordinator)
                    GROUP BY population, member;
                CREATE INDEX temp.last_event_member ON last_event (population, member);

                UPDATE member SET (standing_rank, standing_ranked) = (
                    SELECT event.rank, event.ranked FROM last_event
                    JOIN event ON event.sequence = last_event.standing
                    WHERE last_event.population = member.population
                        AND last_event.member = member.id);
                UPDATE member SET held = 1 WHERE 'leased' = (
                    SELECT event.kind FROM last_event
                    JOIN event ON event.sequence = last_event.presence
                    WHERE last_event.population = member.population
                        AND last_event.member = member.id);

                -- Those whose worker left or was lost, and what their populations had taken then.
                CREATE TEMP TABLE absence AS
                    SELECT event.population, event.member, event.sequence FROM last_event
                    JOIN event ON event.sequence = last_event.presence
                    WHERE event.kind = 'released' AND event.detail IN ('left', 'lapsed');
                CREATE INDEX temp.absence_member ON absence (population, member);
                CREATE TEMP TABLE taken AS
                    SELECT sequence, reports FROM (
                        SELECT sequence,
                            sum(kind = 'reported')
                                OVER (PARTITION BY population ORDER BY sequence) AS reports
                        FROM event
                        WHERE sequence > (SELECT pruned FROM coordinator)
                            AND population IN (SELECT population FROM absence))
                    WHERE sequence IN (SELECT sequence FROM absence);
                UPDATE member SET away_since = (
                        SELECT taken.reports FROM absence JOIN taken USING (sequence)
                        WHERE absence.population = member.population
                            AND absence.member = member.id)
                    + ifnull((
                        SELECT reports FROM baseline_population
                        WHERE baseline_population.population = member.population), 0)
                WHERE EXISTS (
                    SELECT 1 FROM absence
                    WHERE absence.population = member.population AND absence.member = member.id);
                DROP TABLE taken;
                DROP TABLE absence;
                DROP TABLE last_event;
                """)
    }
}
