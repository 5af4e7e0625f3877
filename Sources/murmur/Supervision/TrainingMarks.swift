import Foundation
import Histories
import Subprocess

/// The directory in which a worker's processes leave a mark each while they train under a lease.
///
/// The client makes it when there is something to train, anew with each answer to a report, and takes
/// it away while it waits for the coordinator. It tells of every process that the command starts,
/// whatever its worker is called, also when nothing runs in it any more but the training.
struct TrainingMarks {
    /// Tells the worker where it is.
    static let variable: Environment.Key = "MURMUR_TRAINING"

    let path: String

    /// Makes the directory anew: what the worker before it left says nothing.
    init(_ path: String) throws {
        self.path = URL(filePath: path).standardizedFileURL.path
        do {
            if FileManager.default.fileExists(atPath: path) { try remove() }
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                """
                The directory \(path), by which --report-timeout sees that a worker hangs, cannot \
                be made; check its permissions and the space on its disk.
                """)
        }
    }

    func remove() throws { try FileManager.default.removeItem(atPath: path) }

    /// When each mark was made. One whose process has died is none.
    func read() -> [String: Date] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var marks: [String: Date] = [:]
        for name in names where Self.isOfLiveProcess(name) {
            // It may be taken away just now.
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            marks[name] = attributes?[.modificationDate] as? Date
        }
        return marks
    }

    /// Names begin with the number of the process.
    private static func isOfLiveProcess(_ name: String) -> Bool {
        guard let number = pid_t(name.prefix { $0 != "-" }), number > 0 else { return false }
        return kill(number, 0) == 0 || errno == EPERM
    }

    /// Returns when a mark has stood for so long, or the task is cancelled.
    func waitForSilence(of timeout: Duration, on clock: any Clock<Duration>) async {
        let pause = min(Self.longestPause, timeout / Self.looks)
        var watch = SilenceWatch(timeout: timeout)
        while (try? await clock.sleep(for: pause)) != nil {
            if watch.isSilent(read(), after: pause) { return }
        }
    }

    /// In the time that is too long, at least.
    private static let looks = 10.0
    private static let longestPause = Duration.seconds(1)
}
