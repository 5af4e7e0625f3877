import Evolution
import GRDB
import Records

// What is written, and made durable.
extension Journal {
    /// Makes a batch durable, all of it or nothing.
    ///
    /// Where hosts share the directory, it returns only if nobody has taken that over until the batch was
    /// written: whoever does so later finds the batch. When it throws, the same batch is to be committed
    /// again, or none any more.
    package func commit(_ changes: [Change]) throws(JournalError) {
        guard let holder else { return try writeBatch(changes) }
        if !isUnconfirmed {
            do throws(JournalError) {
                try writeBatch(changes)
            } catch {
                // Who takes over removes the file, and that is not what people are to hear then.
                try holder.confirm()
                throw error
            }
        }
        isUnconfirmed = true
        try holder.confirm()
        isUnconfirmed = false
    }

    private func writeBatch(_ changes: [Change]) throws(JournalError) {
        try checkFiles()
        let isDeferred = waiting + changes.count <= deferral.limit(rows: recent.count)
        let firstEvent = recent.firstEvent ?? sequence + 1
        var isForRecent = false
        try write { rows in
            for index in changes.indices where try rows.write(changes[index]) {
                isForRecent = true
            }
            if isDeferred {
                if isForRecent { try rows.keep(changes, firstEvent: firstEvent) }
            } else {
                var all = recent
                all.add(changes, firstEvent: firstEvent)
                try rows.settle(all, isKept: recent.firstEvent != nil)
            }
        }
        // Not before it is on the disk: what the disk refuses is committed again.
        if isDeferred {
            if isForRecent { recent.add(changes, firstEvent: firstEvent) }
            waiting += changes.count
        } else {
            recent = RecentChanges()
            waiting = 0
        }
        // By index: a change of another kind is not copied first.
        for index in changes.indices {
            if case .event(let record) = changes[index] {
                sequence = record.sequence
                newest.add(record)
            }
        }
    }

    /// Writes all that waits in `recent` to its tables.
    package func settle() throws(JournalError) {
        guard recent.firstEvent != nil else { return }
        try checkFiles()
        try write { rows in try rows.settle(recent, isKept: true) }
        recent = RecentChanges()
        waiting = 0
    }

    /// Writes rows in one transaction, whose statements are as long-lived as the others.
    private func write(_ body: (inout RowWriter) throws -> Void) throws(JournalError) {
        (names, writtenPopulations) = try Self.catching(in: directory) {
            try queue.writeWithoutTransaction { database in
                var rows = RowWriter(
                    database, names: names, populations: writtenPopulations, written: written,
                    statements: statements)
                try rows.run(.transaction)
                do {
                    try body(&rows)
                    try rows.run(.commit)
                } catch {
                    // SQLite may have done that by itself. What went wrong first is what is said.
                    try? database.rollback()
                    throw error
                }
                return (rows.names, rows.populations)
            }
        }
    }
}
