import Evolution
import Testing

@testable import Coordinator

/// A schedule that `murmur schedule --json` prints is the space file of a replay.
struct PrintedScheduleTests {
    private static let printed = """
        {"hyperparameters":["rate","layers","kind","flag","same"],"member":7,\
        "objective":"minimize","population":"digits","segments":\
        [{"end":30,"hyperparameters":{"kind":"a,b","rate":0.1,"layers":2,"flag":true,"same":1},\
        "member":10,"start":0},\
        {"end":200,"hyperparameters":{"kind":"no","rate":1,"layers":3,"flag":false,"same":1},\
        "member":7,"start":30}]}
        """

    @Test func `It makes a population of one member that follows it`() throws {
        let specification = try SpaceFile.parse(text: Self.printed, source: "s.json")
        #expect(specification.populationSize == 1)
        #expect(specification.maxSteps == 200)
        #expect(specification.objective == .minimize)
        #expect(
            specification.schedule.segments == [
                Schedule.Segment(
                    end: 30,
                    hyperparameters: [
                        .number(0.1), .integer(2), .text("a,b"), .flag(true), .integer(1),
                    ]),
                Schedule.Segment(
                    end: 200,
                    hyperparameters: [
                        .number(1), .integer(3), .text("no"), .flag(false), .integer(1),
                    ]),
            ])
        let domains = specification.space.hyperparameters.map(\.domain)
        #expect(
            domains == [
                .number(0.1...1, .linear), .integer(2...3, .linear),
                .choice([.text("a,b"), .text("no")]), .bool, .fixed(.integer(1)),
            ])
    }

    @Test func `Its canonical text reads back as an equal one`() throws {
        let specification = try SpaceFile.parse(text: Self.printed, source: "s.json")
        let text = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: text, source: "s.yaml") == specification)
        #expect(SpaceFile.render(try SpaceFile.parse(text: text, source: "s.yaml")) == text)
    }

    @Test func `Settings win over it`() throws {
        let specification = try SpaceFile(text: Self.printed, source: "s.json")
            .specification(overriding: ["population_size": 3, "max_steps": 100])
        #expect(specification.populationSize == 3)
        #expect(specification.maxSteps == 100)
    }

    @Test func `A space file may have a schedule of its own`() throws {
        let text = """
            hyperparameters: {rate: {type: float, min: 0.01, max: 1, scale: log}, width: 3}
            schedule:
              - {end: 10, hyperparameters: {rate: 1, width: 3}}
              - {end: 20, hyperparameters: {width: 3, rate: 0.1}}
            """
        let specification = try SpaceFile.parse(text: text, source: "s.yaml")
        #expect(specification.schedule.end == 20)
        #expect(specification.schedule.segments[0].hyperparameters == [.number(1), .integer(3)])
        #expect(specification.populationSize == 1)
    }

    @Test func `What is absent in a segment does not count there`() throws {
        let text = """
            {"hyperparameters":["kind","rate","momentum","beta"],"segments":[
            {"end":10,"hyperparameters":{"kind":"sgd","rate":0.1,"momentum":0.9}},
            {"end":20,"hyperparameters":{"kind":"adam","rate":0.2,"beta":0.5}},
            {"end":30,"hyperparameters":{"kind":"none","rate":0.1}},
            {"end":40,"hyperparameters":{"kind":"sgd","rate":0.1,"momentum":0.8}}]}
            """
        let specification = try SpaceFile.parse(text: text, source: "s.json")
        let space = specification.space
        #expect(
            space.conditions == [
                [], [], [Condition(parent: 0, values: [.text("sgd")])],
                [Condition(parent: 0, values: [.text("adam")])],
            ])
        #expect(
            specification.schedule.segments.map {
                Configuration($0.hyperparameters, in: space).places
            } == [[0, 1, 2], [0, 1, 3], [0, 1], [0, 1, 2]])
        let again = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: again, source: "") == specification)
    }

    @Test func `A space file's schedule leaves out what does not count`() throws {
        let space = """
            hyperparameters:
              kind: {type: choice, values: [sgd, adam]}
              momentum: {type: float, min: 0, max: 1, when: {kind: sgd}}
            schedule:
              - {end: 10, hyperparameters: {kind: adam}}

            """
        let specification = try SpaceFile.parse(text: space, source: "")
        #expect(specification.schedule.segments[0].hyperparameters[0] == .text("adam"))
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: space.replacing("kind: adam", with: "kind: sgd"), source: "")
        }
        #expect(error.reason.contains("no “momentum”, which counts there") && error.line == 5)
    }

    @Test(arguments: [
        (
            "{hyperparameters: [a, b], segments: [{end: 3, hyperparameters: {a: 1}}, "
                + "{end: 4, hyperparameters: {a: 1, b: 2}}]}",
            "nothing in the others tells when it counts"
        ),
        ("{segments: []}", "has no “hyperparameters”"),
        ("{hyperparameters: [a], segments: []}", "“segments” is empty"),
        ("{hyperparameters: [a], segments: [{end: 3}]}", "needs “end” and “hyperparameters”"),
        (
            "{hyperparameters: [a, b], segments: [{end: 3, hyperparameters: {a: 1}}]}",
            "A segment has no “b”"
        ),
        (
            "{hyperparameters: [a], segments: [{start: 2, end: 3, hyperparameters: {a: 1}}]}",
            "starts at step 2, and the one before ends at 0"
        ),
        (
            """
            {hyperparameters: [a], segments: [{end: 3, hyperparameters: {a: 1}}, \
            {end: 3, hyperparameters: {a: 2}}]}
            """, "Segment 2 ends at step 3; write a step after 3"
        ),
        ("{hyperparameters: [1], segments: []}", "write names"),
        ("{hyperparameters: [a], segments: [], rate: 1}", "rate"),
    ])
    func `What is wrong with one is said`(text: String, words: String) throws {
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: text, source: "s.json")
        }
        #expect(error.description.contains(words), "\(error)")
    }
}
