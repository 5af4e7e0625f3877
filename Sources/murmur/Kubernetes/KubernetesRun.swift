import Coordinator
import Messages
import Murmuration
import ZeroMQ

import struct Evolution.Setting

/// A run on Kubernetes, as the text of its objects.
struct KubernetesRun {
    /// Of the objects and of the population.
    var name: String
    var image: String
    var workers: Int
    var command: [String]
    var space: SpaceText
    var settings: Population.Settings
    var secret = SharedSecret.generate().text
    var cpus: String?
    var memory: String?
    var gpus: Int?
    var checkpoints: Checkpoints
    /// Seconds between SIGTERM and SIGKILL for a worker.
    var grace: Int
    /// Of the volume with the journal.
    var storage: String

    enum Checkpoints: Equatable {
        /// An address, such as s3://bucket/run.
        case address(String)
        /// The claim of a volume that all nodes can write to.
        case claim(String)
    }

    /// Longer ones, with what is added to them, are too long for a label.
    static let mostNameCharacters = 40

    /// A name that objects may have, from one that a population may have.
    ///
    /// - Returns: `nil` when nothing is left of it.
    static func objectName(_ name: String) -> String? {
        let characters = name.lowercased().map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        let name = String(characters.prefix(mostNameCharacters).drop { !$0.isLetter })
        let end = name.lastIndex { $0 != "-" }
        return end.map { String(name[...$0]) }
    }

    var coordinator: String { "\(name)-coordinator" }
    static let port = Int(Address.defaultPort)
    static let checkpointsDirectory = "/checkpoints"

    var checkpointsPlace: String {
        switch checkpoints {
        case .address(let address): address
        case .claim: Self.checkpointsDirectory
        }
    }

    /// `murmur create` as a command of the container that makes the population.
    var creation: [String] {
        ["murmur", "create", name, "--space", "/space/\(spaceFile)"]
            + Setting.all.compactMap { setting in
                settings[setting.name].map {
                    "--\(setting.optionName)=\(Self.text($0, of: setting))"
                }
            }
    }

    /// The ending says what is in it; without one its first line does, as there.
    var spaceFile: String {
        let ending = SpaceFile.endings.first { space.path.lowercased().hasSuffix($0) }
        return "space" + (ending ?? "")
    }

    private static func text(_ value: Population.Settings.Value, of setting: Setting) -> String {
        if let none = setting.none, value == Population.Settings.Value(none) { return "none" }
        if case .numbers(let numbers) = value {
            return numbers.map { "\($0)" }.joined(separator: ",")
        }
        return "\(value)"
    }
}
