import Evolution
import GRDB
import GRDBSQLite
import Records

/// Writes the rows of one batch: gives each statement its arguments in order, and runs it.
///
/// It binds them to SQLite's statement directly, for a report writes some sixty and boxing each took
/// longer than all that SQLite does with them. Texts are gathered in one buffer that is used again and
/// again, and which SQLite reads, but does not keep, while the statement runs.
struct RowWriter {
    let database: Database
    /// The names of each population's hyperparameters.
    var names: [Int: JSONKeys]
    /// The populations whose rows were written, as they were.
    var populations: [Int: PopulationRecord]
    private let connection: OpaquePointer?
    private let statements: RowStatements
    private var statement: OpaquePointer?
    private var column: CInt = 0
    private var bytes: [UInt8] = []
    private var slices: [Slice] = []
    private let written: WrittenValues

    init(
        _ database: Database, names: [Int: JSONKeys], populations: [Int: PopulationRecord] = [:],
        written: WrittenValues, statements: RowStatements = RowStatements()
    ) {
        self.written = written
        self.database = database
        self.names = names
        self.populations = populations
        self.statements = statements
        connection = database.sqliteConnection
    }

    /// An argument in the buffer.
    private struct Slice {
        var column: CInt
        var start: Int
        var count: Int
        var isText: Bool
    }

    /// Begins a row, which takes as many arguments as its kind.
    mutating func begin(_ kind: RowKind) throws {
        statement = try statements.statement(of: kind, in: database)
        column = 0
        bytes.removeAll(keepingCapacity: true)
        // The buffer is somewhere also when every text is empty: no address would be NULL.
        bytes.append(0)
        slices.removeAll(keepingCapacity: true)
    }

    /// `nil` is NULL, which every argument is in the beginning.
    mutating func add(_ integer: Int?) {
        column += 1
        guard let integer else { return }
        check(sqlite3_bind_int64(statement, column, Int64(integer)))
    }

    /// Leaves the arguments before this one at NULL, as all are in the beginning.
    mutating func skip(to number: CInt) { column = number - 1 }

    mutating func add(_ flag: Bool?) { add(flag.map { $0 ? 1 : 0 }) }

    /// NaN becomes NULL.
    mutating func add(_ number: Double?) {
        column += 1
        guard let number else { return }
        check(sqlite3_bind_double(statement, column, number))
    }

    mutating func add(_ text: String?) {
        guard let text else { return add(nil as Int?) }
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        addBytes(from: start, isText: true)
    }

    mutating func add(blob: [UInt8]) { blob.withUnsafeBytes { add(blob: $0) } }

    mutating func add(blob: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: blob)
        addBytes(from: start, isText: false)
    }

    /// As a JSON object.
    mutating func add(_ values: [Value]?, keys: JSONKeys) {
        guard let values else { return add(nil as Int?) }
        let start = bytes.count
        written.append(values, keys: keys, to: &bytes)
        addBytes(from: start, isText: true)
    }

    /// Names joined with commas.
    mutating func add(_ operations: [Evolution.Operation]?) {
        guard let operations else { return add(nil as Int?) }
        let start = bytes.count
        for operation in operations {
            if bytes.count > start { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: operation.rawValue.utf8)
        }
        addBytes(from: start, isText: true)
    }

    private mutating func addBytes(from start: Int, isText: Bool) {
        column += 1
        slices.append(
            Slice(column: column, start: start, count: bytes.count - start, isText: isText))
    }

    /// Runs a statement without arguments.
    mutating func run(_ kind: RowKind) throws {
        try begin(kind)
        try run()
    }

    /// Runs the statement.
    mutating func run() throws {
        precondition(
            column == sqlite3_bind_parameter_count(statement), "A row has a value for each column.")
        let result = bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("it has a first byte") }
            for slice in slices {
                let start = UnsafeRawPointer(base + slice.start)
                // Without a destructor SQLite does not copy: the bytes stay where they are until the
                // statement is reset.
                check(
                    slice.isText
                        ? sqlite3_bind_text64(
                            statement, slice.column, start.assumingMemoryBound(to: CChar.self),
                            UInt64(slice.count), nil, UInt8(SQLITE_UTF8))
                        : sqlite3_bind_blob64(
                            statement, slice.column, start, UInt64(slice.count), nil))
            }
            let result = sqlite3_step(statement)
            sqlite3_reset(statement)
            // What was bound is not looked at again.
            sqlite3_clear_bindings(statement)
            return result
        }
        guard result == SQLITE_DONE else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
                message: String(cString: sqlite3_errmsg(connection)))
        }
    }

    /// A statement that has not begun takes any argument within SQLite's bounds, which lie far beyond
    /// those of a message.
    private func check(_ result: CInt) {
        precondition(result == SQLITE_OK, "SQLite takes every argument.")
    }
}

/// The statements of one connection, once they are needed: finding one by its text again takes longer
/// than what a small batch has it do.
final class RowStatements {
    private var all: [Statement?] = Array(repeating: nil, count: RowKind.allCases.count)

    fileprivate func statement(
        of kind: RowKind, in database: Database
    ) throws -> OpaquePointer? {
        if let known = all[kind.rawValue] { return known.sqliteStatement }
        let new = try database.makeStatement(sql: RowKind.sql[kind.rawValue])
        all[kind.rawValue] = new
        return new.sqliteStatement
    }

    /// Before the connection closes.
    func removeAll() { all = all.map { _ in nil } }
}

/// The rows that are written often, and the statement of each.
enum RowKind: Int, CaseIterable {
    case event, population, member, baselineMember, archived, baselineArchived
    case lease, answer, release
    case forgottenArchive, forgottenLease, forgottenAnswer, forgottenRelease, forgottenKey
    case recent, eventsOfMembers, eventsOfPopulations, settled
    case transaction, commit

    static let sql = allCases.map(\.sql)

    private var sql: String {
        switch self {
        case .event: "INSERT INTO event VALUES " + marks(29)
        case .population:
            """
            UPDATE population SET status = ?, generation = ?, best_member = ?, best_report = ?,
                best_step = ?, best_score = ?, best_checkpoint = ?, best_hyperparameters = ?
            WHERE id = ?
            """
        case .member: "INSERT OR REPLACE INTO member VALUES " + marks(28)
        case .baselineMember: "INSERT INTO baseline_member VALUES " + marks(28)
        case .archived: "INSERT INTO archived VALUES " + marks(9)
        case .baselineArchived: "INSERT INTO baseline_archived VALUES " + marks(9)
        case .lease: "INSERT OR REPLACE INTO lease VALUES " + marks(12)
        case .answer: "INSERT INTO answer VALUES " + marks(4)
        case .release: "INSERT OR REPLACE INTO release VALUES " + marks(4)
        case .forgottenArchive: "DELETE FROM archived WHERE population = ?"
        case .forgottenLease: "DELETE FROM lease WHERE token = ?"
        case .forgottenAnswer: "DELETE FROM answer WHERE key = ?"
        case .forgottenRelease: "DELETE FROM release WHERE number = ?"
        case .forgottenKey: "DELETE FROM key WHERE public_key = ?"
        case .recent: "INSERT INTO recent (first_event, changes) VALUES (?, ?)"
        case .eventsOfMembers:
            """
            -- Failing does not undo the statement alone, for which SQLite would keep a file elsewhere.
            -- The order of an index would have all events looked at.
            INSERT OR FAIL INTO event_of_member
            SELECT population, member, sequence FROM event NOT INDEXED
            WHERE sequence >= ? AND member IS NOT NULL ORDER BY population, member, sequence
            """
        case .eventsOfPopulations:
            """
            INSERT OR FAIL INTO event_of_population
            SELECT population, sequence FROM event NOT INDEXED
            WHERE sequence >= ? ORDER BY population, sequence
            """
        case .settled: "DELETE FROM recent"
        case .transaction: "BEGIN IMMEDIATE TRANSACTION"
        case .commit: "COMMIT TRANSACTION"
        }
    }

    private func marks(_ count: Int) -> String {
        "(" + Array(repeating: "?", count: count).joined(separator: ", ") + ")"
    }
}

/// Texts of values that were written before: a report's stand in several columns, and again in the next
/// report's, unless its member exploits. It holds so many, each in one place.
final class WrittenValues {
    private var texts = [Text?](repeating: nil, count: places)
    private static let places = 4096

    private struct Text {
        let values: [Value]
        let keys: JSONKeys
        let bytes: [UInt8]
    }

    func append(_ values: [Value], keys: JSONKeys, to bytes: inout [UInt8]) {
        let place = Self.place(of: values)
        if let text = texts[place], text.keys === keys, text.values == values {
            bytes.append(contentsOf: text.bytes)
            return
        }
        let start = bytes.count
        FlatJSON.write(values, keys: keys, to: &bytes)
        texts[place] = Text(values: values, keys: keys, bytes: Array(bytes[start...]))
    }

    /// By the first and the last of them, of which one nearly always differs.
    private static func place(of values: [Value]) -> Int {
        let bits = Self.bits(of: values.first) &+ 31 &* Self.bits(of: values.last)
        // Multiplied by the golden ratio, the upper bits depend on all of them.
        return Int((bits &* 0x9E37_79B9_7F4A_7C15) >> 52)
    }

    private static func bits(of value: Value?) -> UInt64 {
        switch value {
        case .number(let number): number.bitPattern
        case .integer(let integer): UInt64(bitPattern: integer)
        case .text(let text), .json(let text): UInt64(truncatingIfNeeded: text.utf8.count)
        case .flag(let flag): flag ? 1 : 0
        case nil: 0
        }
    }
}
