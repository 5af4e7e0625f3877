import Foundation
import Testing

@testable import Histories
@testable import Murmuration
@testable import Plotting

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct PictureTests {
    /// Elements of a document, which is well formed.
    private final class Elements: NSObject, XMLParserDelegate {
        private(set) var all: [(name: String, attributes: [String: String])] = []
        private(set) var text = ""

        init(_ svg: String) throws {
            super.init()
            let parser = XMLParser(data: Data(svg.utf8))
            parser.delegate = self
            try #require(parser.parse(), "line \(parser.lineNumber): \(svg)")
        }

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            all.append((elementName, attributes))
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            text += string
        }

        func count(_ kind: String) -> Int { of(kind).count }

        func of(_ kind: String) -> [[String: String]] {
            all.map(\.attributes).filter { $0["class"] == kind }
        }
    }

    private static let space = [
        Dimension.make("rate", log: true), .make("width", .integer), .make("act", .choice),
        .make("classes", .fixed),
    ]

    /// Three members; the last one copies the first and declines a second copy.
    private static func history() -> History {
        var history = History()
        let values: Hyperparameters = ["rate": 0.01, "width": 8, "act": "relu", "classes": 10]
        var others = values
        others["act"] = "tanh"
        others["rate"] = 0.1
        history.report(0, 10, 0.5, values)
        history.report(1, 10, 0.6, others)
        history.report(
            2, 10, 0.1, values,
            exploit: history.exploit(of: 1, step: 10, score: 0.6, explored: others))
        history.report(
            2, 20, 0.2, others,
            exploit: history.exploit(of: 0, step: 10, score: 0.5, explored: values))
        history.report(2, 30, 0.7, others, declined: true)
        return history
    }

    @Test func `Every panel has a line for each member, and a mark for each exploit`() throws {
        let picture = Self.history().picture(space: Self.space)
        let elements = try Elements(picture.svg())
        #expect(elements.of("panel").map { $0["data-name"] } == ["score", "rate", "width", "act"])
        #expect(elements.count("line") == 3 * 4)
        #expect(elements.count("exploit") == 1 * 4)
        #expect(elements.count("connector") == 1 * 4)
        #expect(elements.count("key") == 3)
        let tallest = elements.all.first?.attributes
        #expect(tallest?["viewBox"] == "0 0 760 \(tallest?["height"] ?? "")")
        // The best member's line is the last of its panel, and the thickest.
        #expect(elements.of("member").prefix(3).map { $0["data-member"] } == ["0", "1", "2"])
        #expect(elements.of("line").map { $0["stroke-width"] }.prefix(3) == ["1.2", "1.2", "2.2"])
        #expect(
            elements.text.contains(
                "3 members · 5 reports · 1 exploit · best: member 2, 0.7 at step 30"))
        #expect(elements.text.contains("relu") && elements.text.contains("tanh"))
        #expect(!elements.text.contains("classes"))
    }

    @Test func `A value on a log axis stands where its logarithm is`() throws {
        var history = History()
        for (member, rate) in [0.001, 0.01, 0.1].enumerated() {
            history.report(member, 10, 0.5, ["rate": .number(rate)])
        }
        let panel = Panel(
            hyperparameter: 0, in: PlottedSpace([.make("rate", log: true)]),
            tracks: (0..<3).map { history.track($0, space: [.make("rate", log: true)]) })
        let places = panel.curves.map { panel.axis.place(of: $0.strokes[0][0].y) }
        #expect(abs(places[1] - 0.5) < 1e-12)
        #expect(abs(places[2] + places[0] - 1) < 1e-12)
        #expect(panel.remark == "log scale")
    }

    @Test func `Choices have a row each, in which lines lie side by side`() {
        let space = [Dimension.make("flag", .choice)]
        var history = History()
        for member in 0..<4 { history.report(member, 10, 0.5, ["flag": .flag(member != 2)]) }
        var tracks = Tracks(members: [0, 1, 2, 3], space: PlottedSpace(space), metric: nil)
        for event in history.events { tracks.add(event) }
        let panel = Panel(
            hyperparameter: 0, in: tracks.space, tracks: (0..<4).map { tracks[$0] })
        #expect(panel.axis == .rows(["false", "true"]))
        let places = panel.curves.map { $0.strokes[0][0].y }
        #expect(places.map { $0.rounded() } == [1, 1, 0, 1])
        #expect(Set(places).count == 4)
    }

    @Test func `Ordinals stand in the order of their numbers`() {
        var space = PlottedSpace([.make("size", .ordinal)])
        for size in [128, 16, 64] { _ = space.encode(["size": .integer(size)]) }
        #expect(space.rows(0).names == ["16", "64", "128"])
        #expect(space.rows(0).rowOfCode == [2, 0, 1])
    }

    @Test func `Values stand in the order in which the search space has them`() {
        var dimension = Dimension.make("size", .ordinal)
        dimension.values = [.text("small"), .text("large"), .text("huge")]
        var space = PlottedSpace([dimension])
        for value in ["huge", "set by hand", "small", "large"] {
            _ = space.encode(["size": .text(value)])
        }
        #expect(space.rows(0).names == ["small", "large", "huge", "set by hand"])
        #expect(space.rows(0).rowOfCode == [2, 3, 0, 1])
    }

    @Test func `Scores that no axis can show are marked at its edge, and counted`() throws {
        var history = History()
        for step in 1...60 { history.report(0, step, Double(step)) }
        history.report(1, 1, .nan)
        history.report(1, 2, 1e12)
        history.report(1, 3, 20)
        let elements = try Elements(history.picture(minimize: true).svg())
        #expect(elements.count("unplaced") == 1)
        #expect(elements.count("outside") == 1)
        #expect(elements.text.contains("lower is better"))
        #expect(elements.text.contains("1 value outside of the axes"))
        #expect(elements.text.contains("1 value without a place on the axis"))
    }

    @Test func `Whatever a name holds, the file is well formed and steers nothing`() throws {
        let evil = "a<b>&\"'\u{1B}[31m\u{0}\u{FFFE}\u{202E}]]>"
        var history = History()
        history.report(0, 10, 0.5, [evil: .text(evil)], metrics: [evil: 1])
        let svg = history.picture(space: [.make(evil, .choice)], metric: evil, title: evil).svg()
        let elements = try Elements(svg)
        let line = Unicode.Scalar(UInt8(10))
        #expect(
            svg.unicodeScalars.allSatisfy {
                $0 == line || ($0.value >= 0x20 && $0.value != 0x202E && $0.value != 0xFFFE)
            })
        #expect(elements.text.contains("a<b>&\"'\\u{1b}[31m\\u{0}\\u{fffe}\\u{202e}]]>"))
    }

    @Test func `Of many members the best and some others are drawn, and the picture says so`()
        throws
    {
        var history = History()
        for member in 0..<200 {
            history.report(member, 1, Double(member))
            history.report(member, 2, Double(member))
        }
        let elements = try Elements(history.picture().svg())
        #expect(elements.count("line") == LineChoice.bound)
        let drawn = elements.of("member").compactMap { $0["data-member"].flatMap { Int($0) } }
        #expect(drawn.suffix(10) == Array(190..<200)[...])
        #expect(drawn.first == 0)
        #expect(elements.text.contains("40 of 200 members are drawn"))
        #expect(elements.count("key") == 1)
    }

    @Test func `A file of very many reports and exploits stays small`() throws {
        var history = History()
        var random = Draws(state: 1)
        for step in 1...30_000 {
            history.report(0, step, random.next(), ["rate": .number(random.next())])
        }
        for step in 1...5_000 {
            history.report(
                1, step, random.next(), ["rate": .number(random.next())],
                exploit: history.exploit(of: 0, step: step, score: random.next()))
        }
        let picture = history.picture(space: [.make("rate")])
        let svg = picture.svg()
        #expect(svg.utf8.count < 3_000_000)
        let elements = try Elements(svg)
        #expect(elements.count("exploit") == 2 * 1_000)
        #expect(elements.text.contains("1\u{202F}000 of 5\u{202F}000 exploits are marked"))
    }

    private struct Draws {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 0x1p53
        }
    }

    @Test func `Thinning keeps the extremes of every column, the first and the last`() {
        var points = (0..<10_000).map { Curve.Point(x: Double($0), y: sin(Double($0))) }
        points[4_321].y = 7
        let thinned = Thinning.thinned([points], width: 10_000, budget: 500)[0]
        #expect(thinned.count <= 500)
        #expect(thinned.first == points.first && thinned.last == points.last)
        #expect(thinned.contains(points[4_321]))
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
        #expect(Thinning.thinned([points], width: 10_000, budget: 10_000) == [points])
        let strokes = (0..<1_000).map { [Curve.Point(x: Double($0), y: 0)] }
        #expect(Thinning.thinned(strokes, width: 1_000, budget: 100).count == 50)
    }

    @Test(arguments: [
        (3, Array(0..<3)), (6, Array(0..<6)), (7, [0, 1, 2, 4, 5, 6].map { $0 }),
        (100, [0, 1, 2, 51, 99]),
    ])
    func `The lines that are drawn are the best and evenly spread others`(
        count: Int, places: [Int]
    ) {
        let bound = count == 100 ? 5 : 6
        let chosen = LineChoice.places(of: count, bound: bound, best: 3)
        #expect(chosen.count == min(count, bound))
        #expect(chosen.prefix(3) == places.prefix(3))
        #expect(chosen.last == count - 1)
        #expect(Set(chosen).count == chosen.count)
        #expect(LineChoice.places(of: 0).isEmpty)
    }

    @Test func `The scale of ranks gets evenly lighter`() {
        let lights = (0...20).map { place -> Double in
            let text = Palette.scale(Double(place) / 20).dropFirst()
            let number = Int(text, radix: 16) ?? 0
            let parts = [number >> 16, number >> 8 & 255, number & 255].map { Double($0) / 255 }
            return 0.2126 * pow(parts[0], 2.2) + 0.7152 * pow(parts[1], 2.2)
                + 0.0722 * pow(parts[2], 2.2)
        }
        // The cube root is about what the eye sees.
        let steps = zip(lights, lights.dropFirst()).map { cbrt($1) - cbrt($0) }
        #expect(steps.allSatisfy { $0 > 0.01 && $0 < 0.04 }, "\(steps)")
    }
}
