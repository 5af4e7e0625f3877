import Foundation

/// What a run's directory says about the run, in `run.json`.
struct RunRecord: Codable, Equatable {
    /// May not change when the run is resumed.
    var options: Options
    var workers: Int
    /// Every member reached its last step, the population was ended, or the run's time was over.
    var isFinished = false

    /// What the user asked for; `nil` is what was left to the space file, or to the defaults.
    struct Options: Codable, Equatable {
        var name: String
        var command: [String]
        /// The text of the space file.
        var space: String?
        var populationSize: Int?
        var interval: Int?
        var maxSteps: Int?
        var isMinimizing = false
        var isSynchronous: Bool?
        var generationDeadline: Double?
    }

    static func decode(_ data: Data) throws -> RunRecord {
        try JSONDecoder().decode(RunRecord.self, from: data)
    }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}

extension RunRecord.Options {
    /// How `other`, which the user wants now, differs, as parts of a sentence: "--interval 5 (now
    /// --interval 10)".
    func differences(to other: Self) -> [String] {
        func option<Value: Equatable>(
            _ name: String, _ path: KeyPath<Self, Value>, _ text: (Value) -> String?
        ) -> String? {
            let (old, new) = (self[keyPath: path], other[keyPath: path])
            guard old != new else { return nil }
            func described(_ value: Value) -> String {
                text(value).map { $0.isEmpty ? name : "\(name) \($0)" } ?? "no \(name)"
            }
            return "\(described(old)) (now \(described(new)))"
        }
        func number(_ value: Int?) -> String? { value.map(String.init) }
        var differences = [
            option("--name", \.name) { $0 },
            option("--population-size", \.populationSize, number),
            option("--interval", \.interval, number),
            option("--max-steps", \.maxSteps, number),
            option("--minimize", \.isMinimizing) { $0 ? "" : nil },
            option("--synchronous", \.isSynchronous) { $0.map { _ in "" } },
            option("--generation-deadline", \.generationDeadline) { $0.map { "\($0)" } },
            option("the command", \.command) { "`\($0.joined(separator: " "))`" },
        ].compactMap(\.self)
        if space != other.space {
            differences.append("another text of the --space file")
        }
        return differences
    }
}
