import ArgumentParser
import Coordinator
import Foundation
import Histories

struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drops old events from a coordinator's journal.",
        discussion: """
              murmur prune murmuration-data --keep 30d

            Events that are older than that go, and what they led to stays in their place, so that \
            training goes on as it would have. Of the old events those stay that tell who descends \
            from whom and why: murmur lineage, schedule and best answer as before, and murmur \
            history, plot, tensorboard and explain show what is left. Nothing that a member holds \
            is forgotten.

            The coordinator must not run meanwhile. The journal is the old one until the new one, \
            which was checked, takes its place in one step; the disk needs room for what stays, \
            twice.
            """)

    @Argument(
        help: "The coordinator's data directory, or that of its runs (the newest is taken).")
    var dir: String

    @Option(
        help: ArgumentHelp(
            "Events younger than this stay, like 30d or 12h.", valueName: "time"),
        transform: Duration.init(text:))
    var keep: Duration?

    @Option(help: ArgumentHelp("So many of the newest events stay.", valueName: "n"))
    var keepEvents: Int?

    @Flag(help: "Only say what would go, also while the coordinator runs.")
    var dryRun = false

    func validate() throws {
        guard keep != nil || keepEvents != nil else {
            throw ValidationError(
                "What is to stay is not said; use --keep with a time, or --keep-events.")
        }
        if let keepEvents, keepEvents < 0 {
            throw ValidationError(
                "--keep-events \(keepEvents) is no number of events; use 0 or more.")
        }
    }

    func run() throws {
        let directory = try DataDirectory.named(dir)
        let now = Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
        let pruning = try Self.plan(
            directory, Pruning.Policy(time: keep, events: keepEvents), now: now,
            isRehearsal: dryRun)
        guard pruning.going > 0 else {
            return say(
                "There is nothing to prune in \(directory): no event is as old as that, but "
                    + "for those that stay.")
        }
        let going = NumberText.count(pruning.going)
        let all = NumberText.count(pruning.events, "event")
        let last = NumberText.count(pruning.sequence)
        let what =
            "\(going) of \(all) of \(directory), all up to event \(last) but "
            + "\(NumberText.count(pruning.staying)) that tell who descends from whom"
        if dryRun { return say("It would prune \(what).") }
        let (before, after, isCut) = try pruning.prune()
        StandardOutput.say(
            done: "Pruned \(what): \(NumberText.count(before, "byte")) before, "
                + "\(NumberText.count(after)) now.")
        if !isCut {
            say("Something reads the journal, whose file becomes smaller when it is next served.")
        }
    }

    private static func plan(
        _ directory: String, _ policy: Pruning.Policy, now: Int64, isRehearsal: Bool
    ) throws -> Pruning {
        var progress = EventProgress("Reading")
        defer { progress.clear() }
        return try Pruning(directory: directory, policy, now: now, isRehearsal: isRehearsal) {
            OutputFile.write(
                "The journal of an older version is brought up to date; a large one takes a while.\n",
                to: STDERR_FILENO)
        } progress: {
            progress.tell($0, of: $1)
        }
    }

    private func say(_ sentence: String) { OutputFile.say(sentence) }
}
