import Foundation
import Testing

import struct Evolution.Setting

@testable import Histories
@testable import Murmuration
@testable import murmur

/// The command line's options for settings come from their table.
struct SettingOptionTests {
    private static func text(_ setting: Setting) -> String {
        switch setting.kind {
        case .integer(let range, _), .integerOrNone(let range, _):
            "\(min(range.upperBound, range.lowerBound + 7))"
        case .number, .positive: "0.375"
        case .secondsOrNone: "2.5"
        case .flag: "true"
        case .word(let words): words.last ?? ""
        case .factors: "0.5,2"
        case .multiples: "2,3"
        }
    }

    private static func name(_ setting: Setting) -> String {
        "--" + setting.name.replacing("_", with: "-")
    }

    private func set(_ arguments: String...) throws -> Population.Settings {
        let parsed = try Murmur.parseAsRoot(["set", "p"] + arguments)
        return try #require(parsed as? SetSettings).given.values
    }

    private func made(_ arguments: String...) throws -> Population.Settings {
        let parsed = try Murmur.parseAsRoot(["create", "p", "--space", "s"] + arguments)
        return try #require(parsed as? Create).population.settings
    }

    @Test(arguments: Setting.all)
    func `Each is an option of create and run`(setting: Setting) throws {
        let arguments = [Self.name(setting), Self.text(setting)]
        let settings = try made(arguments[0], arguments[1])
        #expect(settings.names == [setting.name])
        let run = try Murmur.parseAsRoot(["run", "--space", "s"] + arguments + ["--", "true"])
        #expect(try #require(run as? Run).population.settings == settings)
        let help = Create.helpMessage()
        #expect(help.contains(Self.name(setting) + " <"))
        // The first words of its sentence.
        #expect(
            help.contains(setting.summary.split(separator: " ").prefix(2).joined(separator: " ")))
    }

    @Test(arguments: Setting.all)
    func `Those that may change are options of set, and no others`(setting: Setting) throws {
        if setting.isSteerable {
            let settings = try set(Self.name(setting), Self.text(setting))
            #expect(settings.names == [setting.name])
        } else {
            #expect(throws: (any Error).self) {
                try set(Self.name(setting), Self.text(setting))
            }
        }
    }

    @Test func `Values are of the setting's kind`() throws {
        #expect(
            try made(
                "--max-steps", "none", "--fraction", "0.3", "--grows", "true", "--selection",
                "t_test", "--perturbation-factors", "0.5, 2", "--seed", "18446744073709551615")
                == [
                    "grows": true, "max_steps": 0, "seed": 18_446_744_073_709_551_615,
                    "selection": "t_test", "fraction": 0.3, "perturbation_factors": [0.5, 2],
                ])
        #expect(try made("--minimize", "--synchronous")["objective"] == "minimize")
        #expect(try made("--synchronous")["mode"] == "synchronous")
    }

    @Test(arguments: [
        (["--fraction", "0.7"], "--fraction: It is 0.7; write a number from 0.0 to 0.5."),
        (["--fraction", "much"], "--fraction 'much' is no such value; write a number."),
        (["--interval", "0"], "--interval: It is 0; write from 1 to"),
        (["--interval=-1"], "--interval '-1' is no such value; write a whole number."),
        (
            ["--max-steps", "99999999999999999999"],
            "--max-steps: It is 99999999999999999999; write from 1 to"
        ),
        (["--max-steps", "0"], "--max-steps: It is 0; write from 1 to"),
        (["--max-steps", "all"], "write a whole number, or none."),
        (["--selection", "best"], "--selection: It is “best”; write truncation"),
        (["--perturbation-factors", "1,x"], "write numbers with commas between them"),
        (["--seed", "3"], "--seed is fixed when a population is made"),
        (["--fractoin", "0.3"], "Unknown option '--fractoin'"),
    ])
    func `A wrong value is said in a sentence`(arguments: [String], words: String) throws {
        let error = try #require(throws: (any Error).self) {
            _ = try Murmur.parseAsRoot(["set", "p"] + arguments)
        }
        #expect(Murmur.message(for: error).contains(words))
    }

    @Test func `Two options that say the same are refused`() {
        #expect(throws: (any Error).self) { try made("--minimize", "--objective", "maximize") }
        #expect(throws: (any Error).self) { try made("--synchronous", "--mode", "synchronous") }
    }

    @Test func `The documentation's page of settings is the one that the command prints`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/reference/settings.md"), encoding: .utf8)
        #expect(page == SettingsPage.lines.joined(separator: "\n") + "\n")
        let listing = SettingsPage.listing.joined(separator: "\n")
        for setting in Setting.all { #expect(listing.contains("\(setting.key): ")) }
    }
}
