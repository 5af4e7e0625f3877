import ArgumentParser
import Coordinator
import Foundation
import Histories
import Messages
import Murmuration

/// Which coordinator a command is about.
struct CoordinatorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the coordinator is: murmur://[SECRET@]HOST:PORT[/POPULATION], or file:PATH.",
            discussion: """
                MURMUR_URL does the same, and keeps the secret out of the list of processes. A file \
                holds an address, as `url` in the coordinator's data directory does, and is read again \
                when nobody answers. Without any, it is the coordinator of \(DataDirectory.serve) or \
                \(DataDirectory.runs) here, or the one at this machine's usual port.
                """))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The coordinator's data directory, or that of its runs (the newest is taken).",
            discussion: """
                Commands that print or draw read it also when its coordinator is not running.
                """,
            valueName: "dir"))
    var data: String?

    func validate() throws {
        guard url == nil || data == nil else {
            throw ValidationError("--url and --data both name a coordinator; use one of them.")
        }
        guard data != "" else {
            throw ValidationError("--data is empty; name the data directory of a coordinator.")
        }
    }

    /// The coordinator that was named; without a name the environment's, then that of the usual
    /// directories, then the one at the usual port of this machine.
    func place(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Place {
        if let journal = journal(environment: environment) {
            return try Place(directory: journal)
        }
        if let data { return try Place(directory: data) }
        if let url = namedURL(environment) {
            let address = try Address.named(url)
            if self.url != nil, address.file == nil, address.credential != nil {
                OutputFile.warn(Self.visibleSecret)
            }
            return .running(address)
        }
        return .running(Address(host: "127.0.0.1"))
    }

    /// What a command line says to all users of a machine.
    static let visibleSecret = """
        The secret in --url is visible to others on this machine, in the list of processes; \
        MURMUR_URL carries the address as well, and is not.
        """

    /// The directory of the journal, when the coordinator was named by a directory, and not by a
    /// URL.
    func journal(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        if let data { return DataDirectory.journal(in: data) }
        guard namedURL(environment) == nil else { return nil }
        let usual = [DataDirectory.serve, DataDirectory.runs].compactMap(DataDirectory.journal)
        return usual.first(where: Archive.isServed) ?? usual.first
    }

    private func namedURL(_ environment: [String: String]) -> String? {
        if let url { return url }
        return environment[Self.urlVariable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The running coordinator that was named.
    func address() throws -> Address {
        switch try place() {
        case .running(let address): return address
        case .stopped(let directory): throw Self.notRunning(directory)
        }
    }

    static func notRunning(_ directory: String) -> Failure {
        Failure(
            """
            The coordinator of \(directory) is not running; start it with murmur serve --data \
            \(directory).
            """)
    }

    static let urlVariable = "MURMUR_URL"
}

/// Where a coordinator's populations are.
enum Place: Equatable {
    case running(Address)
    /// The data directory of a coordinator that is not running.
    case stopped(String)

    /// Looks into a data directory, or into a directory of runs.
    init(directory: String) throws {
        guard let journal = DataDirectory.journal(in: directory) else {
            throw DataDirectory.absence(
                in: directory, remedy: "name the data directory of a coordinator with --data.")
        }
        guard Archive.isServed(directory: journal) else {
            self = .stopped(journal)
            return
        }
        try self.init(servedAt: journal)
    }

    /// Reads the address of the coordinator that serves from a directory.
    init(servedAt journal: String) throws {
        let path = journal + "/" + Coordinator.urlFileName
        guard let file = PrivateFile(path: path) else {
            throw Failure(
                """
                The coordinator of \(journal) is running, but its address in \(path) cannot be \
                read; try again when it has started, or as the user who started it.
                """)
        }
        let address = try Address(file.text)
        guard file.isPrivate || address.credential == nil else {
            throw Failure(
                """
                Others can read the coordinator's secret in \(path); make the file private, chmod \
                600 \(path), and start the coordinator with another secret if they may have.
                """)
        }
        self = .running(address)
    }
}
