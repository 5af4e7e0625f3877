import Foundation
import TensorBoard
import TestSupport
import Testing

@testable import Histories
@testable import Murmuration
@testable import Plotting
@testable import murmur

/// What a peer may call anything, wherever it comes out.
struct HostileTextTests {
    /// Ends lines, steers terminals, turns the direction, ends quotes; a mark that follows a quote
    /// makes another character of both.
    static let evil = "w\u{1B}[2J\n\r\u{202E}x\u{9B}31m<script>&'\"\u{301},\"]; a=b\\"

    private func steersNothing(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { !$0.isControlling }
    }

    @Test func `A log has one line for one event, and no pair that was not logged`() throws {
        let line = LineLogHandler.line(
            time: Date(timeIntervalSince1970: 0), level: .info, message: Self.evil,
            metadata: [
                "reason": Self.evil, "wide": "a\u{301} \u{301}level=critical", "worker": "h\\1",
            ])
        #expect(line.hasSuffix("\n"))
        #expect(steersNothing(String(line.dropLast())))
        let text = try #require(line.firstRange(of: "  reason=")).lowerBound
        #expect(try Pairs(line[text...]).names == ["reason", "wide", "worker"])
    }

    @Test func `A table has one line for one row, and its columns stay where they are`() {
        let cells = [Self.evil, "b"]
        for line in [
            TextTable(headings: cells, rows: [cells, cells]).lines(),
            [GrowingTable([.init(""), .init("")]).lineOf(cells)],
        ].joined() {
            #expect(steersNothing(line))
            #expect(line.hasSuffix("  b"))
        }
    }

    @Test func `A board has as many lines, and as wide ones, as without such names`() {
        func lines(_ text: String) -> [BoardRenderer.Line] {
            var view = BoardView(population: text)
            view.members = 1
            view.ranked = 1
            view.quantiles = [1, 1, 1, 1, 1]
            view.entries = [
                .init(
                    rank: 1, member: 0, score: 1, step: 1, state: .training,
                    hyperparameters: [.init(name: text, value: text)])
            ]
            view.copies = [
                .init(
                    member: 0, donor: 1, step: 1, score: 1, donorScore: 2,
                    changes: [.set(name: text, to: text), .drawn(name: text)], age: .zero)
            ]
            view.event = text
            view.logs = text
            return BoardRenderer(width: 100, height: 40).lines(view)
        }
        let evil = lines(Self.evil)
        #expect(evil.count == lines("name").count)
        #expect(evil.allSatisfy { steersNothing($0.text) && Terminal.width($0.text) <= 100 })
        #expect(PlainBoard.text(BoardView(population: Self.evil)).contains("w\\u{1b}[2J\\u{a}"))
    }

    @Test func `A row of CSV reads back as it was`() {
        #expect(
            csvCells(CSVRow([Self.evil, "b", "\"\u{301}"]).line) == [Self.evil, "b", "\"\u{301}"])
    }

    @Test func `A graph has no more in it than nodes and edges`() throws {
        var past = PastEvents(members: 2)
        let donor = past.report(0, step: 10, score: 0.5)
        past.report(1, step: 10, score: 0.1, copies: donor)
        past.report(1, step: 20, score: 0.75)
        var descent = Descent()
        for event in past.events { try descent.add(event) }
        let stretches = try Stretches(descent, of: Self.evil, minimize: false, isWhole: true)
        for line in stretches.dot {
            #expect(steersNothing(line))
            let bare = try #require(DOTLine(line)?.bare, "the quotes of \(line) do not match")
            // Only words of the language are outside of quotes.
            #expect(!bare.contains("script"))
        }
        #expect(stretches.dot[0].hasSuffix(" {"))
        for line in DescentTree(stretches, isWhole: true, width: 60).lines() {
            #expect(steersNothing(line))
        }
        let json = try JSONSerialization.jsonObject(with: Data(stretches.json.utf8))
        #expect((json as? [String: Any])?["population"] as? String == Self.evil)
        #expect(steersNothing(stretches.json))
    }

    @Test func `TensorBoard is told names that steer nothing, in its own directory`() throws {
        let directory = try TemporaryDirectory()
        let inside = directory.path + "/inside"
        let name = "../../\(Self.evil)"
        let population = Population(
            name: name, members: 1, status: .active, minimize: false, settings: .init(),
            seed: 1, grows: false, finished: 0, training: 0, lost: 0,
            removed: 0, reports: 0, exploits: 0,
            space: [Population.Dimension(name: Self.evil, kind: .choice, log: false)])
        var runs = MemberRuns(
            of: population,
            in: try PopulationLogdir(in: inside, population: name, members: 1, at: Date()))
        var hyperparameters = Hyperparameters()
        hyperparameters[Self.evil] = .text(Self.evil)
        hyperparameters["n\(Self.evil)"] = .number(1)
        let report = Event.Report(
            number: 1, step: 1, score: 1, hyperparameters: hyperparameters,
            metrics: [.init(name: "../\(Self.evil)", value: 1)], declined: false)
        runs.take(Event(sequence: 1, time: Date(), member: 0, kind: .created(hyperparameters)))
        runs.take(Event(sequence: 2, time: Date(), member: 0, kind: .reported(report)))
        try runs.write(isUpToDate: true)

        let all = FileManager.default.enumerator(atPath: directory.path)?.allObjects
        let paths = try #require(all as? [String])
        let files = paths.filter { $0.hasSuffix(".murmur") }
        #expect(files.count == 3)
        #expect(
            paths.allSatisfy {
                $0 == "inside" || $0.hasPrefix("inside/%2E") || $0.hasPrefix("inside/..%2F")
            })
        for file in files {
            let bytes = try Data(contentsOf: URL(filePath: directory.path + "/" + file))
            #expect(bytes.range(of: Data("script".utf8)) != nil)
            #expect(bytes.range(of: Data("w\u{1B}[2J".utf8)) == nil)
            #expect(bytes.range(of: Data("\u{202E}".utf8)) == nil)
        }
    }

    @Test(arguments: [
        ("🇩🇪", 2), ("🚀", 2), ("क्ष", 2), ("각", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("a\u{20DD}", 1),
        ("⚡", 2), ("①", 1),
    ])
    func `A character takes as many cells as terminals give it`(text: String, cells: Int) {
        #expect(Terminal.width(text) == cells)
    }
}

extension GrowingTable {
    fileprivate func lineOf(_ cells: [String]) -> String {
        var copy = self
        return copy.line(cells)
    }
}

extension Unicode.Scalar {
    fileprivate var isControlling: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
        default: false
        }
    }
}

/// Reads `  key=value` pairs as the handler writes them.
private struct Pairs {
    var names: [String] = []

    init(_ text: Substring) throws {
        var rest = text.unicodeScalars[...]
        while rest.starts(with: "  ".unicodeScalars) {
            rest = rest.dropFirst(2)
            let end = try #require(rest.firstIndex(of: "="))
            names.append(String(rest[..<end]))
            rest = rest[end...].dropFirst()
            guard rest.first == "\"" else {
                rest = rest.drop { $0 != " " && $0 != "\n" }
                continue
            }
            rest = rest.dropFirst()
            while let scalar = rest.popFirst(), scalar != "\"" {
                if scalar == "\\" { _ = rest.popFirst() }
            }
        }
        #expect(String(rest) == "\n")
    }
}

/// What of a line of Graphviz's language is outside of quotes; `nil` when one is left open.
private struct DOTLine {
    var bare = ""

    init?(_ line: String) {
        var isQuoted = false
        var rest = line.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\" where isQuoted: _ = rest.popFirst()
            case "\"": isQuoted.toggle()
            default: if !isQuoted { bare.unicodeScalars.append(scalar) }
            }
        }
        if isQuoted { return nil }
    }
}

/// The cells of one row, read by bytes as RFC 4180 says.
private func csvCells(_ line: String) -> [String] {
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    var rest = Array(line.utf8)[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "\"") where isQuoted && rest.first == byte:
            cells[cells.count - 1].append(byte)
            rest = rest.dropFirst()
        case UInt8(ascii: "\""): isQuoted.toggle()
        case UInt8(ascii: ",") where !isQuoted: cells.append([])
        default: cells[cells.count - 1].append(byte)
        }
    }
    return cells.map { String(decoding: $0, as: UTF8.self) }
}
