import GRDB

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
        return migrator
    }()
}
