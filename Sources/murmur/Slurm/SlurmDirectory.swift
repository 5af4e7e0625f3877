import Coordinator
import Foundation
import Histories
import ZeroMQ

/// The directory of one run on Slurm, on a file system that all nodes see.
struct SlurmDirectory {
    /// Absolute, for jobs run in other directories.
    let path: String
    private(set) var record: SlurmRecord
    /// The run was submitted before.
    let isResumed: Bool

    /// The secret of this run, which only its owner can read.
    var secret: String { path + "/secret" }
    var logs: String { path + "/logs" }
    /// Where the coordinator writes its address.
    var url: String { path + "/url" }

    static func absolute(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path
    }

    /// Notes which jobs were submitted.
    mutating func keep(_ jobs: SlurmRecord.Jobs) throws {
        record.jobs = jobs
        try write()
    }

    /// Marks the run as finished: its tasks that start later end at once.
    mutating func finish() throws {
        record.isFinished = true
        try write()
    }

    /// Writes what is known of the run. Without that the directory is of none.
    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            // Atomically: jobs read it at any time.
            try (encoder.encode(record) + Data("\n".utf8)).write(
                to: URL(filePath: path + "/" + Self.file), options: .atomic)
        } catch {
            throw Failure(
                """
                The file \(path)/\(Self.file) cannot be written; check its permissions and the \
                space on its disk.
                """)
        }
    }

    private static let file = "slurm.json"
}

// MARK: - Opening

extension SlurmDirectory {
    /// The directory of a run that was submitted.
    static func existing(_ path: String) throws -> SlurmDirectory {
        let path = absolute(path)
        guard let record = try read(path) else {
            throw Failure(
                """
                There is no run of murmur slurm in \(path); name the directory after its --data.
                """)
        }
        return SlurmDirectory(path: path, record: record, isResumed: true)
    }

    /// The jobs of a run that goes on, whatever becomes of its disk for a moment.
    ///
    /// - Returns: `nil` when they are not known yet, or cannot be read now, which is warned of.
    static func jobs(of path: String) -> SlurmRecord.Jobs? {
        do {
            return try existing(path).record.jobs
        } catch {
            OutputFile.warn("\(error) The run goes on, and this is looked at again.")
            return nil
        }
    }

    /// Goes on with the run in a directory, or makes the directory for a new one, in which nothing says
    /// so before it is written.
    ///
    /// - Throws: `Failure` when the directory holds something else, or a run that is over, or one that
    ///   was begun with other options.
    static func open(_ path: String, wanted: SlurmRecord) throws -> SlurmDirectory {
        let path = absolute(path)
        guard let former = try read(path) else {
            try make(path)
            let directory = SlurmDirectory(path: path, record: wanted, isResumed: false)
            do {
                try PrivateFile.create(SharedSecret.generate().text, at: directory.secret)
            } catch {
                throw Failure(
                    "The file \(directory.secret) cannot be written; check the space on its disk.")
            }
            return directory
        }
        guard !former.isFinished else {
            throw Failure(
                """
                The run in \(path) has finished; name another --data directory for a new one.
                """)
        }
        let differences = former.options.differences(to: wanted.options)
        guard differences.isEmpty else {
            throw Failure(
                """
                The run in \(path) was begun with \(differences.joined(separator: ", and ")); use \
                the same options to go on with it, or another --data directory for a new run.
                """)
        }
        var record = wanted
        record.jobs = former.jobs
        let directory = SlurmDirectory(path: path, record: record, isResumed: true)
        try directory.write()
        return directory
    }

    private static func read(_ path: String) throws -> SlurmRecord? {
        let file = path + "/" + Self.file
        guard let data = FileManager.default.contents(atPath: file) else {
            if access(file, F_OK) != 0, [ENOENT, ENOTDIR].contains(errno) { return nil }
            throw Failure(
                """
                The file \(file) cannot be read; do this as the user who submitted the run, or name \
                another directory.
                """)
        }
        guard let record = try? JSONDecoder().decode(SlurmRecord.self, from: data) else {
            throw Failure(
                """
                The file \(file) does not say how its run was submitted; restore it, or name another \
                directory.
                """)
        }
        return record
    }

    /// Only this user may look into it.
    private static func make(_ path: String) throws {
        let files = FileManager.default
        if let names = try? files.contentsOfDirectory(atPath: path), !names.isEmpty {
            throw Failure(
                """
                The directory \(path) is not empty, and holds no run of murmur slurm; name a new one \
                with --data.
                """)
        }
        do {
            try files.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try files.createDirectory(atPath: path + "/logs", withIntermediateDirectories: true)
        } catch {
            throw Failure("The directory \(path) cannot be made; name another one with --data.")
        }
    }
}
