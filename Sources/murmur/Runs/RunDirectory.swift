import Foundation
import Histories

/// The directory of one run: `DIR/0001`, `DIR/0002`, and so on.
struct RunDirectory {
    let path: String
    private(set) var record: RunRecord
    /// The run was begun before and is not finished.
    let isResumed: Bool

    /// Where the workers' output goes.
    var logs: String { path + "/logs" }
    /// For workers, which may run in other directories.
    var absolutePath: String { URL(filePath: path).standardizedFileURL.path }
    /// Where the workers keep their checkpoints, unless the user chose a directory.
    var checkpoints: String { absolutePath + "/checkpoints" }

    /// Goes on with the newest run in `data` when it is unfinished, and makes a new one otherwise.
    ///
    /// - Throws: `Failure` when the unfinished run was begun with other options.
    static func open(in data: String, wanted: RunRecord) throws -> RunDirectory {
        let files = FileManager.default
        do {
            try files.createDirectory(atPath: data, withIntermediateDirectories: true)
        } catch {
            throw Failure("The directory \(data) cannot be made; name another one with --data.")
        }
        guard let names = try? files.contentsOfDirectory(atPath: data) else {
            throw Failure("The directory \(data) cannot be read; check its permissions.")
        }
        let newest = RunNumber.newest(of: names)
        let path = newest.map { "\(data)/\($0)" }
        let former = try path.flatMap(read)
        switch try RunPlan(newest: path, record: former, wanted: wanted) {
        case .resume:
            var record = wanted
            record.isFinished = false
            // Those that it goes on from are there until they were found elsewhere.
            record.checkpoints = former?.checkpoints
            let directory = RunDirectory(path: path!, record: record, isResumed: true)
            try directory.write()
            return directory
        case .begin:
            let path = "\(data)/\(RunNumber.next(after: newest))"
            do {
                try files.createDirectory(atPath: path, withIntermediateDirectories: false)
            } catch {
                throw Failure(
                    "The directory \(path) cannot be made; check the permissions of \(data).")
            }
            let directory = RunDirectory(path: path, record: wanted, isResumed: false)
            try directory.write()
            return directory
        }
    }

    /// Marks the run as finished: the same command then begins a new one.
    mutating func finish() throws {
        record.isFinished = true
        try write()
    }

    /// Notes which directory the user chose, once the checkpoints that the run goes on from were
    /// found.
    mutating func keep(checkpoints: String?) throws {
        guard let checkpoints, record.checkpoints != checkpoints else { return }
        record.checkpoints = checkpoints
        try write()
    }

    /// The record in a directory; `nil` when the run did not get as far as writing it.
    private static func read(_ path: String) throws -> RunRecord? {
        let file = path + "/" + Self.file
        guard let data = FileManager.default.contents(atPath: file) else { return nil }
        guard let record = try? RunRecord.decode(data) else {
            throw Failure(
                """
                The file \(file) does not say how its run was begun; restore it, or remove the \
                directory \(path).
                """)
        }
        return record
    }

    private func write() throws {
        do {
            // Atomically: a run that is killed here has its old record, or none.
            try record.encoded().write(
                to: URL(filePath: path + "/" + Self.file), options: .atomic)
        } catch {
            throw Failure(
                """
                The file \(path)/\(Self.file) cannot be written; check its permissions and the \
                space on its disk.
                """)
        }
    }

    private static let file = "run.json"
}

/// What to do in a directory of runs.
enum RunPlan: Equatable {
    case begin
    case resume

    /// - Parameters:
    ///   - newest: The path of the newest run's directory.
    ///   - record: What it says.
    init(newest: String?, record: RunRecord?, wanted: RunRecord) throws {
        guard let newest, let record, !record.isFinished else {
            self = .begin
            return
        }
        let differences = record.options.differences(to: wanted.options)
        guard differences.isEmpty else {
            throw Failure(
                """
                The unfinished run \(newest) was begun with \
                \(differences.joined(separator: ", and ")); use the same options to resume it, \
                or another --data directory for a new run.
                """)
        }
        self = .resume
    }
}

/// The names of runs' directories.
enum RunNumber {
    /// The name with the highest number; other names are not runs.
    static func newest(of names: [String]) -> String? {
        names.filter { number($0) != nil }.max { number($0)! < number($1)! }
    }

    static func next(after newest: String?) -> String {
        let number = String((newest.flatMap(number) ?? 0) + 1)
        return String(repeating: "0", count: max(0, digits - number.count)) + number
    }

    private static func number(_ name: String) -> Int? {
        guard name.count >= digits, name.allSatisfy({ ("0"..."9").contains($0) }),
            let number = Int(name), number < Int.max
        else { return nil }
        return number
    }

    private static let digits = 4
}
