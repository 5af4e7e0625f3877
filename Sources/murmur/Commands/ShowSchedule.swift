import ArgumentParser
import Foundation
import Histories
import Murmuration

struct ShowSchedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Prints the hyperparameters over steps that led to a member's state.",
        usage: """
            murmur schedule [NAME] MEMBER [--json | --csv | --out <file>]
            murmur schedule [NAME] --best [--current] [--json | --csv | --out <file>]
            """,
        discussion: """
              murmur schedule digits 7
              murmur schedule digits --best --out schedule.json
              murmur run --replay schedule.json -- python3 train.py

            The line of descent goes from the member back to whom it copied, and on to a \
            beginning. Steps that were rolled back are not on it, so training with these \
            hyperparameters over these steps does again what led to the member's checkpoint.

            With --json it prints one line, which --replay of run and create reads, and other code \
            may:

              {"population": "digits", "member": 7, "objective": "maximize",
               "hyperparameters": ["rate", "layers"],
               "segments": [
                 {"start": 0, "end": 30, "member": 10, "hyperparameters": {"rate": 0.1, …}},
                 {"start": 30, "end": 200, "member": 7, "hyperparameters": {"rate": 0.08, …}}]}

            The segments follow each other: the first starts at 0, and each other one where the \
            one before ends. Train from after `start` up to and including step `end` with the \
            segment's `hyperparameters`, which are numbers in full precision, texts, true or \
            false; `member` trained it. `hyperparameters` at the top names them in the search \
            space's order. --csv has a row for each segment: start, end, member, and \
            `hyperparameter.NAME` for each.
            """)

    @OptionGroup var choice: MemberChoice

    @Flag(help: "Instead of a member: the best state that there was, which murmur best prints.")
    var best = false

    @Flag(help: "With --best: the best on the board now, not the best there ever was.")
    var current = false

    @Flag(help: "Print a line of JSON.")
    var json = false

    @Flag(help: "Print CSV.")
    var csv = false

    @Option(help: ArgumentHelp("Write the line of JSON to this file.", valueName: "file"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            """
            Write it to this file as a policy of Ray Tune, for its PopulationBasedTrainingReplay; an \
            iteration there is a step here. --replay reads such files too.
            """, valueName: "file"))
    var rayPolicy: String?

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        if csv, out != nil || rayPolicy != nil {
            throw ValidationError("--out and --ray-policy write no CSV; leave --csv out.")
        }
        if csv, json { throw ValidationError("--csv and --json exclude each other; use one.") }
        guard best else {
            if current { throw ValidationError("--current is about --best; give both.") }
            _ = try choice.member()
            return
        }
        guard choice.words.count < 2 else {
            throw ValidationError("--best chooses the member; leave the member's number out.")
        }
    }

    func run() async throws {
        let populations = Populations(place: try coordinator.place())
        let meant = populations.meant(best ? choice.words.first : choice.name)
        let schedule = try await populations.read { questions in
            let board = try await questions.leaderboard(of: meant, limit: 1)
            let population = board.population
            if best, !current { return try await questions.bestScheduleText(of: board) }
            let member = best ? try board.bestMember : try choice.member()
            let segments = try await questions.schedule(of: member, in: population)
            return ScheduleText(
                population: population, member: member, minimize: board.minimize,
                segments: segments)
        }
        guard !schedule.segments.isEmpty else {
            throw Failure(
                """
                Member \(schedule.member) of \(schedule.population) has not reported a checkpoint \
                yet, so that there is no schedule; try again when it has.
                """)
        }
        if let out { try write(schedule.json + "\n", of: schedule, to: out) }
        if let rayPolicy {
            guard schedule.segments.count > 1 else {
                throw Failure(
                    "The schedule has one segment, and a policy of Ray Tune has changes only; take "
                        + "--out.")
            }
            try write(schedule.rayPolicy, of: schedule, to: rayPolicy)
        }
        if json { return OutputFile.say(schedule.json) }
        if out != nil || rayPolicy != nil { return }
        var output = LineOutput(isData: csv)
        for line in csv ? schedule.csv : schedule.table.lines() { output.say(line) }
        output.flush()
    }

    private func write(_ text: String, of schedule: ScheduleText, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure(
                """
                The schedule cannot be written to \(Terminal.escaped(path)); check that its \
                directory exists, may be written to, and has space.
                """)
        }
        guard !json else { return }
        OutputFile.say(
            """
            Wrote \(Terminal.escaped(path)): \(NumberText.count(schedule.segments.count, "segment")) that led to \
            member \(schedule.member) at step \(schedule.segments.last?.end ?? 0).
            """)
    }
}
