/// What the directory of a run on Slurm says about the run, in `slurm.json`.
struct SlurmRecord: Codable, Equatable {
    /// May not change when the run is submitted again.
    var options: RunRecord.Options
    /// Where the workers keep their checkpoints.
    var checkpoints: String
    /// Seconds that a worker may train without a report.
    var reportTimeout: Double?
    /// Those that were submitted last.
    var jobs: Jobs?
    /// Every member reached its last step, or the population was ended.
    var isFinished = false

    struct Jobs: Codable, Equatable {
        var coordinator: String
        /// The array of the workers.
        var workers: String

        var all: [String] { [coordinator, workers] }
    }
}
