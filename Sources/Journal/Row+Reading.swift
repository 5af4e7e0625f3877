import Evolution
import GRDB

/// Columns as murmur writes them. A file that was damaged may hold nothing where something must be,
/// or numbers with which nobody can count on.
extension Row {
    /// - Throws: `RowDecodingError` when there is nothing, and no optional is asked for.
    func get<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: String
    ) throws -> Value {
        try decode(forColumn: column)
    }

    /// Of what there cannot be fewer than none.
    func count(_ column: String) throws -> Int {
        try Self.check(get(column), column, most: Self.largestCount)
    }

    /// The number of a member, a rank, or a generation; `nil` when there is none.
    func index(_ column: String) throws -> Int? {
        try (get(column) as Int?).map { try Self.check($0, column, most: Self.largestCount) }
    }

    func step(_ column: String) throws -> Int {
        try Self.check(get(column), column, most: Specification.stepLimit)
    }

    /// One more, and the sum of some, are still numbers.
    static let largestCount = 1 << 56

    private static func check(_ number: Int, _ column: String, most: Int) throws -> Int {
        guard (0...most).contains(number) else {
            throw UnlikelyNumber(column: column, number: number)
        }
        return number
    }
}

/// A number that murmur does not write.
struct UnlikelyNumber: Error, CustomStringConvertible {
    var column: String
    var number: Int

    var description: String { "\(number) as \(column)" }
}
