import Foundation

/// One job that is submitted, as options of `sbatch`.
///
/// They go to it as they are, without a script in which they would have to be quoted.
struct SlurmJob: Equatable {
    let options: [String]

    /// What both jobs of a run have in common.
    struct Run {
        var name: String
        /// The directory of the run.
        var directory: String
        /// This program, where it is on every node.
        var program: String
        /// How long a job runs before it is requeued.
        var time: Duration?
        var partition: String?
        /// The user's own options, of which the last one wins.
        var others: [String] = []

        func options(_ role: String) -> [String] {
            [
                "--job-name=\(name)-\(role)", "--ntasks=1", "--requeue", "--open-mode=append",
                // Before the time is over, to this program alone, which the script becomes.
                "--signal=B:USR1@\(SlurmJob.secondsBeforeLimit)",
            ]
                + (time.map { ["--time=\(Self.minutes($0))"] } ?? [])
                + (partition.map { ["--partition=\($0)"] } ?? [])
        }

        /// Slurm counts in minutes.
        private static func minutes(_ time: Duration) -> Int {
            Int((time / .seconds(60)).rounded(.up))
        }

        func log(_ pattern: String) -> String {
            // A percent sign of the path's own is written twice.
            "--output=\(directory.replacing("%", with: "%%"))/logs/\(pattern).log"
        }

        func script(_ role: String) -> String {
            "--wrap=exec \(Self.quoted(program)) slurm \(role) \(Self.quoted(directory))"
        }

        private static func quoted(_ text: String) -> String {
            "'" + text.replacing("'", with: #"'\''"#) + "'"
        }
    }

    /// Slurm may send the signal as much as a minute earlier.
    static let secondsBeforeLimit = 60

    static func coordinator(of run: Run, others: [String]) -> SlurmJob {
        SlurmJob(
            options: run.options("coordinator") + ["--cpus-per-task=1", run.log("coordinator-%j")]
                + run.others + others + [run.script("coordinator")])
    }

    /// An array with one worker in each task, none of which begins before the coordinator has.
    static func workers(
        _ count: Int, of run: Run, coordinator: String, cpus: Int?, gpus: String?
    ) -> SlurmJob {
        SlurmJob(
            options: run.options("workers")
                + ["--array=0-\(count - 1)", "--dependency=after:\(coordinator)"]
                + (cpus.map { ["--cpus-per-task=\($0)"] } ?? [])
                + (gpus.map { ["--gres=gpu:\($0)"] } ?? [])
                + [run.log("%A_%a")] + run.others + [run.script("worker")])
    }
}
