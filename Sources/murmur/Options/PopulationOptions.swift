import ArgumentParser
import Coordinator
import Foundation
import Histories
import Messages
import Murmuration

import struct Evolution.Specification

/// What a population is made from. What is left out is the space file's, or the default.
struct PopulationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The search space: a CSV or a YAML file.", valueName: "file"))
    var space: String?

    @Option(
        help: ArgumentHelp(
            """
            Instead of a search space: a schedule, as murmur schedule --out writes it. One member \
            trains along it.
            """, valueName: "file"))
    var replay: String?

    @Flag(help: "The lowest score is best: as --objective minimize.")
    var minimize = false

    @Flag(
        help: ArgumentHelp(
            """
            Decide who copies whom for a whole generation at once, when all have reported: as \
            --mode synchronous.
            """))
    var synchronous = false

    @OptionGroup(title: "Settings") var given: SettingOptions<NewPopulation>

    func validate() throws {
        if space != nil, replay != nil {
            throw ValidationError("--replay has a search space of its own; leave --space out.")
        }
        for case (let flag, true, let name) in [
            ("--minimize", minimize, "objective"), ("--synchronous", synchronous, "mode"),
        ] where given.values[name] != nil {
            throw ValidationError("\(flag) and --\(name) say the same; give one of them.")
        }
    }

    /// What wins over the space file.
    var settings: Population.Settings {
        var settings = given.values
        if minimize { settings["objective"] = "minimize" }
        if synchronous { settings["mode"] = "synchronous" }
        return settings
    }

    /// - Throws: `Failure` without a file that can be read.
    func spaceFile() throws -> SpaceText {
        if let replay { return try SpaceText(schedule: replay) }
        guard let space else {
            throw Failure(
                """
                There is no search space; name its file with --space (a CSV file with lines like \
                learning_rate,0.001,1,log will do).
                """)
        }
        return try SpaceText(path: space)
    }
}

/// A search space's file, as it was read. The coordinator makes sense of it.
struct SpaceText: Equatable {
    let path: String
    let text: String

    /// - Parameters:
    ///   - what: what a sentence calls the file.
    ///   - option: the option that names it.
    init(path: String, as what: String = "space file", option: String = "--space") throws {
        self.path = path
        guard let data = Self.contents(of: path) else {
            throw Failure(
                FileManager.default.fileExists(atPath: path)
                    ? "The \(what) \(path) cannot be read; check that it is a file of yours."
                    : "There is no \(what) \(path); check the path after \(option).")
        }
        guard data.count <= Self.mostBytes else {
            throw Failure(
                """
                The \(what) \(path) has \(NumberText.count(data.count, "byte")) and may have \
                \(NumberText.count(Self.mostBytes)), for it travels in one message; shorten it.
                """)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure("The \(what) \(path) is not a text; write CSV or YAML in UTF-8.")
        }
        self.text = text
    }

    /// - Throws: `Failure` for a file that has no schedule.
    init(schedule path: String) throws {
        try self.init(path: path, as: "schedule", option: "--replay")
        let specification: Specification
        do throws(SpaceFileError) {
            specification = try SpaceFile.parse(text: text, source: path)
        } catch {
            throw Failure("\(error)")
        }
        guard !specification.schedule.isEmpty else {
            throw Failure(
                """
                The file \(path) has no schedule; name one that murmur schedule --best --out FILE \
                has written.
                """)
        }
    }

    /// The rest of a message is for the other settings.
    static let mostBytes = Limits.messageBytes - 1024

    /// All of it in one go, until it ends: a pipe, as `--space <(…)` gives it, has no size and is
    /// read once.
    private static func contents(of path: String) -> Data? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        do {
            return try file.readToEnd() ?? Data()
        } catch {
            return nil
        }
    }

    /// A name for a population: that of the file without its ending, as far as names allow. A pipe
    /// has none.
    var populationName: String {
        guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return Self.defaultName }
        let base = URL(filePath: path).deletingPathExtension().lastPathComponent
        let characters = base.unicodeScalars.map { scalar in
            Limits.isName(String(scalar)) ? Character(scalar) : "-"
        }
        let name = String(characters.prefix(Limits.nameBytes))
        return name.contains { $0 != "-" && $0 != "." } ? name : Self.defaultName
    }

    private static let defaultName = "default"
}
