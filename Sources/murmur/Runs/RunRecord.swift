import Foundation
import Murmuration

import struct Evolution.Setting

/// What a run's directory says about the run, in `run.json`.
struct RunRecord: Codable, Equatable {
    /// May not change when the run is resumed.
    var options: Options
    var workers: Int
    /// Where the checkpoints are, when the user chose a directory for them.
    var checkpoints: String?
    /// Every member reached its last step, the population was ended, or the run's time was over.
    var isFinished = false

    /// What the user asked for; `nil` is what was left to the space file, or to the defaults.
    struct Options: Codable, Equatable {
        var name: String
        var command: [String]
        /// The text of the space file.
        var space: String?
        var settings = Population.Settings()
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
        var differences: [String] = []
        if name != other.name { differences.append("--name \(name) (now --name \(other.name))") }
        for setting in Setting.all {
            let (old, new) = (settings[setting.name], other.settings[setting.name])
            if old == new { continue }
            let option = "--\(setting.optionName)"
            func described(_ value: Population.Settings.Value?) -> String {
                value.map { "\(option) \($0)" } ?? "no \(option)"
            }
            differences.append("\(described(old)) (now \(described(new)))")
        }
        if command != other.command {
            let (old, new) = (command, other.command)
            differences.append(
                "the command `\(old.joined(separator: " "))` (now `\(new.joined(separator: " "))`)")
        }
        if space != other.space {
            differences.append("another text of the --space file")
        }
        return differences
    }
}

// MARK: - Runs of before

extension RunRecord.Options {
    private enum Key: String, CodingKey {
        case name, command, space, settings
        // Before settings had one table, some had keys of their own.
        case populationSize, interval, maxSteps, isMinimizing, isSynchronous, generationDeadline
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        name = try container.decode(String.self, forKey: .name)
        command = try container.decode([String].self, forKey: .command)
        space = try container.decodeIfPresent(String.self, forKey: .space)
        if let known = try container.decodeIfPresent(
            Population.Settings.self, forKey: .settings)
        {
            settings = known
            return
        }
        for (key, name) in [
            (Key.populationSize, "population_size"), (.interval, "interval"),
            (.maxSteps, "max_steps"),
        ] {
            settings[name] = try container.decodeIfPresent(UInt64.self, forKey: key)
                .map { .integer($0) }
        }
        if try container.decodeIfPresent(Bool.self, forKey: .isMinimizing) == true {
            settings["objective"] = "minimize"
        }
        if try container.decodeIfPresent(Bool.self, forKey: .isSynchronous) == true {
            settings["mode"] = "synchronous"
        }
        settings["generation_deadline"] = try container.decodeIfPresent(
            Double.self, forKey: .generationDeadline
        ).map { .number($0) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(command, forKey: .command)
        try container.encodeIfPresent(space, forKey: .space)
        try container.encode(settings, forKey: .settings)
    }
}
