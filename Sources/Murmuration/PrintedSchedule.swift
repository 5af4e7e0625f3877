/// A schedule as `murmur schedule --json` prints it, which is the space file of its replay.
struct PrintedSchedule: Encodable {
    private let hyperparameters: [String]
    private let segments: [Stretch]

    private struct Stretch: Encodable {
        var end: Int
        var hyperparameters: Hyperparameters
    }

    init(_ segments: [Segment]) {
        hyperparameters = segments.map(\.hyperparameters).allNames
        self.segments = segments.map {
            Stretch(end: $0.end, hyperparameters: $0.hyperparameters)
        }
    }
}
