import Evolution
import Foundation
import GRDB
import Logging
import Messages
import Records

@testable import Coordinator
@testable import Journal

/// A journal in which columns were changed by a broken disk, or by hand: whoever reads it says so,
/// or makes do with it.
///
/// A message of the input is a change: the numbers of a table, a row and a column, a kind of value,
/// and the value. An input without one is read as the JSON of a column.
func fuzzJournal(_ bytes: [UInt8]) throws {
    let changes = Session(bytes).map(\.message).compactMap(Damage.init)
    guard !changes.isEmpty else { return readJSON(String(decoding: bytes, as: UTF8.self)) }
    let copy = try DatabaseQueue()
    try template.get().backup(to: copy)
    try copy.write { database in
        for change in changes { try change.apply(to: database) }
    }
    do {
        let journal = try Journal(copy, of: "the damaged journal")
        _ = try Inspection(journal).faults.map(\.description)
        try goOn(from: journal)
    } catch let error as JournalError {
        require(!error.description.isEmpty, "a refusal says why")
    } catch CoordinatorError.journal(let error) {
        require(!error.description.isEmpty, "a refusal says why")
    }
}

/// As a coordinator that is started does, and is asked for everything.
private func goOn(from journal: Journal) throws {
    let now = Host.start
    var core = Core(
        settings: Settings(), epoch: try journal.epoch(), sequence: journal.sequence, now: now,
        tokens: Counter(),
        logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
    try core.restore(from: journal, at: now)
    for request in Host.questions + Host.life {
        core.receive(request, from: Peer(number: 0), as: Keyring.sharedUser, at: now)
        for query in core.takeBatch().queries {
            do throws(WireError) {
                let body = try core.answer(query, from: Queries(journal: journal))
                require(WireReply(bytes: body)?.body != nil, "an answer is a field of a reply")
            } catch {
                require(error.code == .unavailable, "a journal that is damaged cannot be read")
            }
        }
    }
    _ = core.publications(at: now)
}

private func readJSON(_ text: String) {
    if let values = FlatJSON.read(text) {
        let written = FlatJSON.write(values)
        require(FlatJSON.read(written).map(FlatJSON.write) == written, "\(written) reads otherwise")
    }
    if let (before, after) = SettingsText.read(text) {
        let written = SettingsText.write(before: before, after: after)
        require(SettingsText.read(written) != nil, "\(written) cannot be read")
    }
}

/// Another value of a column.
private struct Damage {
    private let table: UInt8
    private let row: UInt8
    private let column: UInt8
    private let value: DatabaseValue

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4, bytes[0] < UInt8(Self.tables.count) else { return nil }
        (table, row, column) = (bytes[0], bytes[1], bytes[2])
        let rest = Array(bytes.dropFirst(4))
        let bits = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch bytes[3] {
        case UInt8(ascii: "0"): value = .null
        case UInt8(ascii: "i"): value = Int64(bitPattern: bits).databaseValue
        case UInt8(ascii: "r"): value = Double(bitPattern: bits).databaseValue
        case UInt8(ascii: "t"): value = String(decoding: rest, as: UTF8.self).databaseValue
        case UInt8(ascii: "b"): value = Data(rest).databaseValue
        default: return nil
        }
    }

    static let tables = [
        "population", "member", "event", "lease", "answer", "release", "coordinator", "key",
        "recent", "event_of_member", "event_of_population",
    ]

    func apply(to database: Database) throws {
        let table = Self.tables[Int(table)]
        let columns = try database.columns(in: table).map(\.name)
        try database.execute(
            sql: """
                UPDATE \(table) SET \(columns[Int(column) % columns.count]) = ?
                WHERE rowid = 1 + ? % (SELECT max(1, count(*)) FROM \(table))
                """, arguments: [value, row])
    }
}

/// A journal of a life with reports, copies and generations, whose columns take any value.
private let template = Result { () throws -> DatabaseQueue in
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("murmuration-fuzz-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let journal = try Journal(directory: directory, access: .write)
    var host = try Host()
    for request in Host.life {
        host.receive(request.bytes)
        try host.finishTurn()
    }
    for (index, changes) in host.changes.enumerated() {
        // Half of it stands in the tables, and the rest waits.
        if index == host.changes.count / 2 { try journal.settle() }
        try journal.commit(changes)
    }
    let template = try DatabaseQueue()
    try journal.queue.backup(to: template)
    try template.write { database in
        for table in Damage.tables {
            try database.execute(
                sql: """
                    CREATE TABLE free AS SELECT * FROM \(table);
                    DROP TABLE \(table);
                    ALTER TABLE free RENAME TO \(table);
                    """)
        }
    }
    return template
}
