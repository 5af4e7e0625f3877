import ArgumentParser
import Foundation
import Messages

/// What a population is made from. What is left out is the space file's, or the default.
struct PopulationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The search space: a CSV or a YAML file.", valueName: "file"))
    var space: String?

    @Option(
        help: ArgumentHelp(
            "Members of the population. (default: the space file's, or 10)", valueName: "n"))
    var populationSize: Int?

    @Option(
        help: ArgumentHelp(
            "Steps between two reports. (default: the space file's, or 1)", valueName: "steps"))
    var interval: Int?

    @Option(
        help: ArgumentHelp("The step at which a member has finished.", valueName: "steps"))
    var maxSteps: Int?

    @Flag(help: "The lowest score is best.")
    var minimize = false

    @Flag(
        help: "Decide who copies whom for a whole generation at once, when all have reported.")
    var synchronous = false

    @Option(
        help: ArgumentHelp(
            "Close a generation after so long without those that have not reported.",
            valueName: "seconds"))
    var generationDeadline: Double?

    func validate() throws {
        let numbers = [
            ("--population-size", populationSize), ("--interval", interval),
            ("--max-steps", maxSteps),
        ]
        for case (let name, let number?) in numbers where number < 1 {
            throw ValidationError("\(name) \(number) is too small; use 1 or more.")
        }
        if let seconds = generationDeadline, !(seconds > 0 && seconds.isFinite) {
            throw ValidationError(
                "--generation-deadline \(seconds) is no time; use a number of seconds above 0.")
        }
    }

    /// - Throws: `Failure` without a file that can be read.
    func spaceFile() throws -> SpaceText {
        guard let space else {
            throw Failure(
                """
                There is no search space; name its file with --space (a CSV file with lines like \
                learning_rate,0.001,1,log will do).
                """)
        }
        return try SpaceText(path: space)
    }

    func creation(name: String, space: SpaceText) throws -> WireCreatePopulation {
        var creation = WireCreatePopulation()
        creation.name = name
        creation.space = space.text
        creation.source = space.path
        if let populationSize { creation.populationSize = UInt64(populationSize) }
        if let interval { creation.interval = UInt64(interval) }
        if let maxSteps { creation.maxSteps = UInt64(maxSteps) }
        if minimize { creation.minimize = true }
        if synchronous { creation.synchronous = true }
        if let generationDeadline { creation.generationDeadlineSeconds = generationDeadline }
        return creation
    }
}

/// A search space's file, as it was read. The coordinator makes sense of it.
struct SpaceText: Equatable {
    let path: String
    let text: String

    init(path: String) throws {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                FileManager.default.fileExists(atPath: path)
                    ? "The space file \(path) cannot be read; check that it is a file of yours."
                    : "There is no space file \(path); check the path after --space.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure("The space file \(path) is not a text; write CSV or YAML in UTF-8.")
        }
        self.text = text
    }

    /// A name for a population: that of the file without its ending, as far as names allow.
    var populationName: String {
        let base = URL(filePath: path).deletingPathExtension().lastPathComponent
        let characters = base.unicodeScalars.map { scalar in
            Limits.isName(String(scalar)) ? Character(scalar) : "-"
        }
        let name = String(characters.prefix(Limits.nameBytes))
        return name.contains { $0 != "-" && $0 != "." } ? name : Self.defaultName
    }

    private static let defaultName = "default"
}
