import ArgumentParser
import Histories
import Murmuration

struct ShowSchedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Prints the hyperparameters over steps that led to a member's state.",
        usage: """
            murmur schedule [NAME] MEMBER [--json | --csv]
            murmur schedule [NAME] --best [--current] [--json | --csv]
            """,
        discussion: """
              murmur schedule digits 7
              murmur schedule digits --best --json > schedule.json

            The line of descent goes from the member back to whom it copied, and on to a \
            beginning. Steps that were rolled back are not on it, so training with these \
            hyperparameters over these steps does again what led to the member's checkpoint.

            With --json it prints one line, to be replayed by other code:

              {"population": "digits", "member": 7, "hyperparameters": ["rate", "layers"],
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

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
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
            if best, !current { return try await questions.bestScheduleText(of: population) }
            let member = best ? try board.bestMember : try choice.member()
            let segments = try await questions.schedule(of: member, in: population)
            return ScheduleText(population: population, member: member, segments: segments)
        }
        guard !schedule.segments.isEmpty else {
            throw Failure(
                """
                Member \(schedule.member) of \(schedule.population) has not reported a checkpoint \
                yet, so that there is no schedule; try again when it has.
                """)
        }
        if json { return OutputFile.say(schedule.json) }
        var output = LineOutput(isData: csv)
        for line in csv ? schedule.csv : schedule.table.lines() { output.say(line) }
        output.flush()
    }
}
