import ArgumentParser
import Coordinator
import Foundation
import Histories

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies a coordinator's journal.",
        discussion: """
              murmur check murmuration-data

            It reads the journal as it is at one moment, also while its coordinator runs, and \
            finds whether the file is whole and whether its events lead to what is stored of each \
            population: its members, its best state, its settings, its leases and the checkpoints \
            that were released. It says in one line that all is well, or each fault in a sentence, \
            and then exits with 1. It changes nothing.

            The log beside the journal (journal.sqlite-wal) grows by what the coordinator commits \
            meanwhile, and is used again afterwards. Where that is too much, check a backup, which \
            takes a moment to make.
            """)

    @Argument(
        help: "The coordinator's data directory, or that of its runs (the newest is taken).")
    var dir: String

    func run() throws {
        let directory = try DataDirectory.named(dir)
        let inspection = try Self.inspect(directory)
        guard inspection.faults.isEmpty else {
            for fault in inspection.faults { OutputFile.say(Terminal.escaped("\(fault)")) }
            throw Failure(Self.verdict(directory, inspection))
        }
        OutputFile.say(Terminal.escaped(Self.praise(directory, inspection)))
    }

    private static func inspect(_ directory: String) throws -> Inspection {
        var progress = EventProgress("Checking")
        defer { progress.clear() }
        return try Inspection(directory: directory) { progress.tell($0, of: $1) }
    }

    private static func praise(_ directory: String, _ inspection: Inspection) -> String {
        "All is well in \(directory): \(NumberText.count(inspection.populations, "population")), "
            + "\(NumberText.count(inspection.members, "member")), "
            + "\(NumberText.count(inspection.events, "event")), "
            + "\(NumberText.count(inspection.leases, "live lease"))"
            + (inspection.pruned == 0
                ? "." : "; events up to \(NumberText.count(inspection.pruned)) were pruned.")
    }

    private static func verdict(_ directory: String, _ inspection: Inspection) -> String {
        let shown = inspection.faults.count
        let all = NumberText.count(shown + inspection.further, "fault")
        let those = inspection.further == 0 ? "" : ", of which the first \(shown) are listed"
        return "The journal in \(directory) has \(all)\(those); move journal.sqlite, -wal and "
            + "-shm away, keep them, and put a backup in their place."
    }
}

/// How far a reading of all events has come, in a line of the terminal that goes when it is over.
/// Short ones say nothing.
struct EventProgress {
    /// What is done, as in "Checking".
    private let doing: String
    private let isShown: Bool
    private var shown = -1

    /// Journals with fewer events are read in a moment.
    static let large = 50_000

    init(_ doing: String, isShown: Bool = Screen(of: STDERR_FILENO).isTerminal) {
        self.doing = doing
        self.isShown = isShown
    }

    /// The line to draw, when it is another one than before.
    mutating func line(_ event: Int, of last: Int) -> String? {
        let percent = event * 100 / max(last, 1)
        guard last >= Self.large, percent != shown else { return nil }
        shown = percent
        let (event, last) = (NumberText.count(event), NumberText.count(last))
        return "\r\(doing) event \(event) of \(last) (\(percent) %)"
    }

    mutating func tell(_ event: Int, of last: Int) {
        guard isShown, let line = line(event, of: last) else { return }
        OutputFile.write(line, to: STDERR_FILENO)
    }

    func clear() {
        // Erases the line.
        if shown >= 0 { OutputFile.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }
}
