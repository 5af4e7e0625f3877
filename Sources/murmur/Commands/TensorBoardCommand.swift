import ArgumentParser

struct TensorBoardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensorboard",
        abstract: "Writes a population for TensorBoard, also while it trains.",
        discussion: """
              murmur tensorboard digits --logdir tensorboard
              tensorboard --logdir tensorboard

            In DIR/NAME there is a run for each member, with a point for each of its reports: \
            `score`, `metrics/…` and `hyperparameters/…`. Hyperparameters are those in effect at \
            the report; true is 1 and false is 0. A text is no number, and has no curve.

            The HParams dashboard has a row for each member, with the hyperparameters of its last \
            report, texts too, beside the score that it reached with them. TensorBoard reads them \
            once: to see those of now, start it again, or look at the columns “… now”, which it \
            reads again and again.

            A member that copied another one goes on from that one's step. Where this goes back, \
            TensorBoard shows the new points in place of the old ones, or all of them when it is \
            started with --load_fast=false.

            Of more than \(WrittenMembers.standard) members, only the best \
            \(WrittenMembers.standard) are written, as they stand when it begins: each is a folder \
            and a curve. --members says how many, or `all`. As long as they are fewer, others are \
            added when they report. To write those that are best later, do it again.

            It goes on until every member has finished, the population is ended, or Ctrl-C; when \
            the coordinator is not running, it ends when all is written. Doing it again writes \
            the files of this command anew, and touches no others.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The directory that TensorBoard shows; it is made when it is not there.",
            valueName: "dir"))
    var logdir: String

    @Option(
        help: ArgumentHelp(
            "Only so many members, the best ones, or all (default: \(WrittenMembers.standard)).",
            valueName: "n|all"))
    var members: String?

    @Flag(help: "Write what there is now, and end.")
    var once = false

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        guard !logdir.isEmpty else {
            throw ValidationError("--logdir is empty; name the directory that TensorBoard shows.")
        }
        _ = try mostMembers
    }

    /// `nil` for all of them.
    private var mostMembers: Int? {
        get throws {
            guard let members else { return WrittenMembers.standard }
            if members == "all" { return nil }
            guard let most = Int(members), most >= 1 else {
                throw ValidationError(
                    "--members \(members) is no number of members; use 1 or more, or all.")
            }
            return most
        }
    }

    func run() async throws {
        let interruption = Interruption()
        let place = try coordinator.place()
        // Found now, since the newest run may be another one later.
        let journal = coordinator.journal()
        let summary = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                _ = await interruption.wait()
                return nil
            }
            group.addTask { try await write(from: place, journal: journal) }
            var summary: String?
            while let said = try await group.next() {
                group.cancelAll()
                summary = said ?? summary
            }
            return summary
        }
        if let summary { OutputFile.say(summary) }
    }

    /// - Returns: what was written.
    private func write(from place: Place, journal: String?) async throws -> String? {
        var follower = PopulationFollower(
            population: Populations(place: place).meant(name), logdir: logdir,
            mostMembers: try mostMembers, isOnce: once)
        do {
            try await follower.follow(place, journal: journal)
        } catch is CancellationError {
            // What was written until now is whole.
        }
        return follower.summary
    }
}
