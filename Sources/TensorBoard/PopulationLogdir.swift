import Foundation

/// A population's folder in a directory that TensorBoard shows, with a run for each member:
///
///     DIR/NAME/events.out.tfevents.1767225600123.experiment.murmur
///     DIR/NAME/member-0007/events.out.tfevents.1767225600123.0-session.murmur
///     DIR/NAME/member-0007/events.out.tfevents.1767225600123.1-scalars.murmur
///
/// The session's file is replaced when hyperparameters change, and the scalars' only grows. Readers
/// that go from one file to the next by their names and never back see the session's first.
///
/// The number is the time at which writing began. A TensorBoard that is running leaves files that
/// were removed and reads those with new names, so that it follows when writing begins again.
package struct PopulationLogdir: Sendable {
    package let path: String
    private let directory: String
    private let folder: String
    private let stamp: Int
    /// Digits of a member's number, so that runs sort.
    private let width: Int
    /// Members that have a file of scalars.
    private var hasScalars: Set<Int> = []

    /// Makes the folder, and removes what was written there before.
    ///
    /// - Parameters:
    ///   - directory: what TensorBoard is told to show.
    ///   - members: how many there are; there may be more later.
    ///   - time: now.
    package init(
        in directory: String, population: String, members: Int, at time: Date
    ) throws(EventFileError) {
        self.directory = directory
        folder = Self.folder(for: population)
        path = directory + (directory.hasSuffix("/") ? "" : "/") + folder
        stamp = Int(time.timeIntervalSince1970 * 1000)
        width = max(Self.leastWidth, "\(max(members, 1) - 1)".count)
        try Self.make(path)
        try removeFormerFiles()
    }

    /// Adds records to a member's scalars.
    ///
    /// - Parameter time: of the first one.
    package mutating func append(
        _ records: [UInt8], to member: Int, at time: Date
    ) throws(EventFileError) {
        let file = EventFile(path: "\(path(of: member))/\(name(Self.scalars))")
        if hasScalars.contains(member) {
            try file.append(records)
        } else {
            try Self.make(path(of: member))
            try file.create(EventRecord.fileVersion(at: time).bytes + records)
            hasScalars.insert(member)
        }
    }

    /// Puts a session in the place of a member's former one.
    package func replaceSession(
        of member: Int, with record: EventRecord, at time: Date
    ) throws(EventFileError) {
        let run = path(of: member)
        try Self.make(run)
        try EventFile(path: "\(run)/\(name(Self.session))").replace(
            with: EventRecord.fileVersion(at: time).bytes + record.bytes,
            draft: "\(run)/\(Self.draft)")
    }

    /// Puts the columns of the HParams dashboard in the place of the former ones, unless another
    /// population is beside this one: of several such records TensorBoard takes any, and hides what
    /// the others' members have. Without one it finds the columns of all by itself.
    package func replaceExperiment(
        with record: EventRecord, at time: Date
    ) throws(EventFileError) {
        let others = neighbours()
        for folder in others {
            try Self.removeFiles(in: folder) { $0.hasSuffix(Self.experiment + Self.suffix) }
        }
        let file = EventFile(path: "\(path)/\(name(Self.experiment))")
        guard others.isEmpty else {
            return try Self.removeFiles(in: path, where: Self.isOurs)
        }
        try file.replace(
            with: EventRecord.fileVersion(at: time).bytes + record.bytes,
            draft: "\(path)/\(Self.draft)")
    }

    /// The name of a member's run, in this folder.
    package func run(of member: Int) -> String {
        let digits = "\(member)"
        return Self.member + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private func path(of member: Int) -> String { "\(path)/\(run(of: member))" }

    private func name(_ content: String) -> String {
        "\(Self.prefix)\(stamp).\(content)\(Self.suffix)"
    }

    // MARK: - Names

    /// The population's name; anything that could lead elsewhere is written as its code.
    static func folder(for population: String) -> String {
        let isDots = population.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
        return population.utf8.map { byte in
            isPlain(byte) && !isDots
                ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return character.isASCII
            && (character.isLetter || character.isNumber || "._-".contains(character))
    }

    private static let member = "member-"
    private static let leastWidth = 4
    private static let prefix = "events.out.tfevents."
    private static let experiment = "experiment"
    private static let session = "0-session"
    private static let scalars = "1-scalars"
    private static let suffix = ".murmur"
    /// No name that TensorBoard reads.
    private static let draft = "draft.murmur"

    private static func isOurs(_ file: String) -> Bool {
        file == draft || (file.hasPrefix(prefix) && file.hasSuffix(suffix))
    }

    private static func isRun(_ folder: String) -> Bool {
        folder.hasPrefix(member)
            && folder.dropFirst(member.count).utf8.allSatisfy { (48...57).contains($0) }
    }

    // MARK: - The folder

    /// Makes a folder, and those that it lies in, where they are not there yet.
    private static func make(_ path: String) throws(EventFileError) {
        if mkdir(path, 0o777) == 0 { return }
        let code = errno
        if isFolder(path) { return }
        let outer = (path as NSString).deletingLastPathComponent
        guard code == ENOENT, !outer.isEmpty, !isFolder(outer) else {
            throw EventFileError(making: path, code)
        }
        try make(outer)
        // Another process may make it at the same moment.
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw EventFileError(making: path, errno)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    /// Other people's folders and files may be beside ours, and stay.
    private func removeFormerFiles() throws(EventFileError) {
        try Self.removeFiles(in: path, where: Self.isOurs)
        for run in Self.names(in: path) where Self.isRun(run) {
            try Self.removeFiles(in: "\(path)/\(run)", where: Self.isOurs)
            // It stays when it holds anything else. Members may be fewer than they were.
            rmdir("\(path)/\(run)")
        }
    }

    /// The folders of other populations.
    private func neighbours() -> [String] {
        Self.names(in: directory).filter { $0 != folder }.map { "\(directory)/\($0)" }
            .filter { folder in
                Self.names(in: folder).contains { run in
                    Self.isRun(run)
                        && Self.names(in: "\(folder)/\(run)").contains(where: Self.isOurs)
                }
            }
    }

    private static func names(in directory: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    }

    private static func removeFiles(
        in directory: String, where isMeant: (_ name: String) -> Bool
    ) throws(EventFileError) {
        for name in names(in: directory) where isMeant(name) {
            let path = "\(directory)/\(name)"
            guard unlink(path) == 0 || errno == ENOENT else {
                throw EventFileError(writing: path, errno)
            }
        }
    }
}
