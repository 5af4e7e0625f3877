import ArgumentParser
import Coordinator
import Foundation
import Histories

struct RerunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Decides again on all that was reported, and compares.",
        discussion: """
              murmur rerun murmuration-data

            Decisions follow from a population's settings, its seed and the order of what was reported, \
            on any machine. It reads the journal, also while its coordinator runs, makes each population \
            anew, tells it what its workers told, and compares the members' beginnings, who copied whom, \
            what came of exploring, and why. It says how many decisions are the same, or which one is \
            another first, and then exits with 1. It changes nothing.
            """)

    @Argument(
        help: "The coordinator's data directory, or that of its runs (the newest is taken).")
    var dir: String

    func run() throws {
        let directory = try DataDirectory.named(dir)
        let rerun = try Self.rerun(directory)
        for outcome in rerun.outcomes { OutputFile.say(Terminal.escaped(outcome.sentence)) }
        if rerun.outcomes.isEmpty {
            OutputFile.say(Terminal.escaped("There is no population in \(directory)."))
        }
        if rerun.pruned > 0 {
            OutputFile.say(
                "Events up to \(NumberText.count(rerun.pruned)) were pruned, and what came of them is "
                    + "taken as it is.")
        }
        let others = rerun.outcomes.count { $0.difference != nil || $0.obstacle != nil }
        guard others > 0 else { return }
        throw Failure(
            """
            Of \(NumberText.count(rerun.outcomes.count, "population")) in \(directory), \(others) \
            could not be decided on again as before. Use the murmur that decided then, and see with \
            murmur check whether the journal is whole.
            """)
    }

    private static func rerun(_ directory: String) throws -> JournalRerun {
        var progress = EventProgress("Deciding again on")
        defer { progress.clear() }
        return try JournalRerun(directory: directory) { progress.tell($0, of: $1) }
    }
}

extension JournalRerun.Outcome {
    fileprivate var sentence: String {
        let same = NumberText.count(decisions, "decision")
        if let obstacle { return "\(name): \(same) as before; then \(obstacle)." }
        if let (event, difference) = difference {
            return """
                \(name): \(same) as before; then, at event \(NumberText.count(event)), another one.
                  recorded: \(difference.recorded?.words ?? "nothing")
                  now:      \(difference.now?.words ?? "nothing")
                """
        }
        guard withoutReasons > 0 else { return "\(name): \(same), all as before." }
        return """
            \(name): \(same), all as before; \(NumberText.count(withoutReasons, "report")) of before \
            reasons were recorded not decided again.
            """
    }
}
