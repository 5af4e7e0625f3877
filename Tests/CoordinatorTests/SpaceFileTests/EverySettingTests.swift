import Evolution
import Foundation
import Messages
import Testing

@testable import Coordinator
@testable import Journal

/// Whatever stands in the table of settings is read, written, sent and stored, without a list of its
/// own anywhere.
struct EverySettingTests {
    private static let file = "hyperparameters: {rate: {type: float, min: 0.1, max: 1}}\n"

    /// A value that the setting may have and that is not its default.
    static func another(_ setting: Setting) -> SettingValue? {
        switch setting.kind {
        case .integer(let range, _), .integerOrNone(let range, _):
            .integer(min(range.upperBound, range.lowerBound + 7))
        case .number(let range): .number((range.lowerBound + min(range.upperBound, 1)) * 0.375)
        case .positive(let most), .secondsOrNone(let most): .number(min(most, 1) * 0.375)
        case .flag: .flag(setting.standard != .flag(true))
        case .word(let words): words.last.map { .word($0) }
        case .factors: .numbers([0.5, 2])
        case .multiples: .numbers([2, 3])
        }
    }

    private func text(_ setting: Setting, _ value: SettingValue) -> String {
        // A deadline needs generations.
        let mode = setting.name == "generation_deadline" ? "mode: synchronous\n" : ""
        let line = "\(setting.key): \(value)"
        return mode
            + (setting.section == .population
                ? line : "\(setting.section.rawValue): {\(line)}") + "\n" + Self.file
    }

    @Test(arguments: Setting.all)
    func `A space file says it, and its canonical text says it again`(setting: Setting) throws {
        let value = try #require(Self.another(setting))
        let specification = try SpaceFile.parse(text: text(setting, value), source: "s.yaml")
        #expect(specification[setting: setting] == value)
        let canonical = SpaceFile.render(specification)
        #expect(canonical.contains("\(setting.key): \(value)\n"))
        #expect(try SpaceFile.parse(text: canonical, source: "s.yaml") == specification)
    }

    @Test(arguments: Setting.all)
    func `A mistake in it is named with its line`(setting: Setting) throws {
        let wrong: SettingValue = if case .flag = setting.kind { 3 } else { true }
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: text(setting, wrong), source: "s.yaml")
        }
        #expect(error.line == (setting.name == "generation_deadline" ? 2 : 1))
        #expect(error.reason.contains(setting.key))
    }

    @Test(arguments: Setting.all)
    func `A request says it, and it wins over the file`(setting: Setting) throws {
        let value = try #require(Self.another(setting))
        var creation = WireCreatePopulation()
        creation.settings = [WireSetting(setting.name, value)]
        if setting.name == "generation_deadline" {
            creation.settings.append(WireSetting("mode", "synchronous"))
        }
        let values = try WireCreatePopulation(serializedBytes: creation.bytes).values()
        #expect(values[setting.name] == value)
        let file = try SpaceFile(text: text(setting, value), source: "s.yaml")
        #expect(try file.specification(overriding: values)[setting: setting] == value)
        let population = WirePopulation(
            name: "p", population: Population(try file.specification()), training: 0)
        #expect(population.settings.contains(WireSetting(setting.name, value)))
    }

    @Test(arguments: Setting.steerable)
    func `The journal says what it was and is`(setting: Setting) throws {
        let value = try #require(Self.another(setting))
        var (before, after) = (SettingValues(), SettingValues())
        before[setting.name] = setting.standard ?? setting.none
        after[setting.name] = value
        let text = SettingsText.write(before: before, after: after)
        let read = try #require(SettingsText.read(text))
        #expect(read.before == before && read.after == after)
    }

    /// Files that say what clients and runs of before had fields for; they do not grow.
    private static let former = ["WireSetting+SettingValues.swift", "RunRecord.swift"]

    @Test func `No file but the table's has a list of settings`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var lists: [String] = []
        for folder in ["Sources", "python/murmuration"] {
            let files = FileManager.default.enumerator(
                at: root.appending(path: folder), includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files)
            where ["swift", "py"].contains(file.pathExtension) {
                let path = file.path
                if path.contains("/Generated/") || path.contains("/v1/") { continue }
                let text = try String(contentsOf: file, encoding: .utf8)
                let named = Setting.all.filter { text.contains("\"\($0.name)\"") }
                if named.count >= 6 { lists.append(file.lastPathComponent) }
            }
        }
        #expect(Set(lists) == Set(Self.former + ["Setting+Population.swift"]))
    }

    @Test func `A setting that stands in the wrong place is told where it belongs`() throws {
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: "fraction: 0.2\n" + Self.file, source: "s.yaml")
        }
        #expect(
            error.reason == "“fraction” belongs in “selection”; write selection: {fraction: …}.")
    }

    @Test func `A strategy may be said alone`() throws {
        let text = "selection: t_test\nranking: mean\n" + Self.file
        let specification = try SpaceFile.parse(text: text, source: "s.yaml")
        #expect(specification[setting: SelectionStrategy.setting] == "t_test")
        #expect(specification[setting: RankingStrategy.setting] == "mean")
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: "selection: trunkation\n" + Self.file, source: "s.yaml")
        }
        #expect(error.reason.contains("truncation") && error.line == 1)
    }
}
