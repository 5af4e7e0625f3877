import ArgumentParser
import Histories

import enum Evolution.ExplorationStrategy
import enum Evolution.RankingStrategy
import enum Evolution.SelectionStrategy
import struct Evolution.Setting

struct ShowSettings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Lists the settings of a population: what they do, and their defaults.",
        discussion: """
            A space file says them, options of run and create win over it, and set changes those \
            that may change while a population trains.
            """)

    @Flag(help: "Print it in Markdown.")
    var markdown = false

    func run() throws {
        for line in markdown ? SettingsPage.lines : SettingsPage.listing { OutputFile.say(line) }
    }
}

/// All settings and strategies, as people read them.
enum SettingsPage {
    /// For a terminal.
    static var listing: [String] {
        var lines: [String] = []
        for section in Setting.Section.allCases {
            if !lines.isEmpty { lines.append("") }
            lines.append(section == .population ? "The population:" : "\(section.rawValue):")
            for setting in Setting.of(section) {
                lines.append("  \(setting.key): \(standard(of: setting))")
                lines += Paragraph.lines(summary(of: setting), width: 92).map { "      " + $0 }
            }
            for (name, summary) in strategies(of: section) {
                lines.append("  type: \(name)")
                lines += Paragraph.lines(summary, width: 92).map { "      " + $0 }
            }
        }
        return lines
    }

    /// For the documentation.
    static var lines: [String] {
        var lines = [
            "# The settings of a population", "",
            """
            A space file says them; options of `murmur run` and `murmur create` with the same names \
            (`--min-population-size`), and arguments of the clients' `create_population`, win over \
            it. Those with a star may change while a population trains, by `murmur set` and the \
            clients' `set`. This page is printed by `murmur settings --markdown`.
            """,
        ]
        for section in Setting.Section.allCases {
            let isFile = section == .population
            lines += ["", isFile ? "## The population" : "## `\(section.rawValue):`", ""]
            lines += ["| setting | values | default | what it does |", "| --- | --- | --- | --- |"]
            for setting in Setting.of(section) {
                let star = setting.isSteerable ? " *" : ""
                lines.append(
                    "| `\(setting.key)`\(star)\(alias(of: setting)) | \(values(of: setting)) "
                        + "| \(standard(of: setting)) | \(summary(of: setting)) |")
            }
            let strategies = strategies(of: section)
            if strategies.isEmpty { continue }
            lines += ["", "| type | what it does, and when to take it |", "| --- | --- |"]
            lines += strategies.map { "| `\($0.name)` | \($0.summary) |" }
        }
        return lines
    }

    private static func strategies(
        of section: Setting.Section
    ) -> [(name: String, summary: String)] {
        switch section {
        case .population: []
        case .ranking: RankingStrategy.rules.map { ($0.name, $0.summary) }
        case .selection: SelectionStrategy.rules.map { ($0.name, $0.summary) }
        case .exploration: ExplorationStrategy.rules.map { ($0.name, $0.summary) }
        }
    }

    /// An option and an argument are named after the setting, a line of a file after its section too.
    private static func alias(of setting: Setting) -> String {
        setting.key == setting.name ? "" : " (elsewhere `\(setting.name)`)"
    }

    private static func summary(of setting: Setting) -> String {
        setting.summary.replacing("|", with: "\\|")
    }

    private static func standard(of setting: Setting) -> String {
        setting.standard?.description ?? "none"
    }

    private static func values(of setting: Setting) -> String {
        switch setting.kind {
        case .integer(let range, let unit), .integerOrNone(let range, let unit):
            "\(range.lowerBound) to \(range.upperBound) \(unit)"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .positive(let most): "above 0, up to \(most)"
        case .secondsOrNone(let most): "seconds above 0, up to \(most)"
        case .flag: "true, false"
        case .word(let words): words.joined(separator: ", ")
        case .factors(let most): "1 to \(most) numbers above 0"
        case .multiples(let most): "1 to \(most) rising whole numbers above 0"
        }
    }
}
