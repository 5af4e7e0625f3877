import Foundation

/// A file by which whoever started this process sees that it trains, and since when: `murmur run` and
/// `murmur work` end a worker that does so for too long (`--report-timeout`).
///
/// It lies in the directory that `MURMUR_TRAINING` names. It is there while a lease is held, written
/// anew with each answer, and not while an answer is waited for.
struct TrainingMark {
    static let variable = "MURMUR_TRAINING"

    private let path: String?
    private var isSet = false

    init(in directory: String?) {
        path = directory.map { "\($0)/\(getpid())-\(UUID().uuidString)" }
    }

    /// - Returns: false when it could not be set, so that this training is not seen.
    mutating func set(_ isTraining: Bool) -> Bool {
        guard let path, isTraining || isSet else { return true }
        isSet = isTraining
        guard isTraining else { return unlink(path) == 0 }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        close(file)
        return true
    }
}
