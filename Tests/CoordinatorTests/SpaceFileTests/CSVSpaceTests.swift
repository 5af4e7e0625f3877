import Evolution
import Testing

@testable import Coordinator

struct CSVSpaceTests {
    static let expected = [
        Hyperparameter(name: "learning_rate", domain: .number(1e-4...0.1, .log)),
        Hyperparameter(name: "momentum", domain: .number(0...1, .linear)),
    ]

    @Test(
        "The same space is read however it is written",
        arguments: [
            "name,min,max,scale\nlearning_rate,1e-4,0.1,log\nmomentum,0,1,linear\n",
            "learning_rate,1e-4,0.1,log\nmomentum,0,1,linear",
            "\u{FEFF}name, min, max, scale\r\nlearning_rate , 0.0001, .1, LOG\r\nmomentum,-0,+1,linear\r\n",
            "# c\n\nscale,name,max,min\nlog,learning_rate,0.1,1e-4\n  # d\nlinear,momentum,1,0\n",
            "\"name\",\"min\",\"max\",\"scale\"\n\"learning_rate\",\"1e-4\",0.1,\"log\"\nmomentum,0,1,linear",
            "name,min,max,scale,type\nlearning_rate,1e-4,0.1,log,float\nmomentum,0,1,linear\n",
            "name,min,max,scale,\r\nlearning_rate,1e-4,0.1,log,\r\n,,,,\r\nmomentum,0,1,linear,,\r\n,,\r\n",
            "\u{FEFF}learning_rate,1e-4,0.1,log,,\r\n \r\nmomentum,\t0,1,linear\t\r\n",
        ])
    func reads(text: String) throws {
        for source in ["space.csv", "SPACE.CSV", ""] {
            let specification = try SpaceFile.parse(text: text, source: source)
            #expect(specification == Specification(space: try SearchSpace(Self.expected)))
        }
    }

    @Test("A fifth column makes integers, and a name in quotes may hold a comma and a quote")
    func integersAndQuotes() throws {
        let text = "\"a, \"\"b\"\"\",1,8,log,int\nc,1,8,log,\n"
        let space = try SpaceFile.parse(text: text, source: "").space
        #expect(
            space.hyperparameters == [
                Hyperparameter(name: "a, \"b\"", domain: .integer(1...8, .log)),
                Hyperparameter(name: "c", domain: .number(1...8, .log)),
            ])
    }

    @Test("With a header there may be a column of steps, which a line may leave empty")
    func steps() throws {
        let text = """
            name,min,max,scale,type,step
            a,0,1,linear,float,0.1
            b,8,64,log,int,8
            c,1,2,log,,
            """
        let space = try SpaceFile.parse(text: text, source: "").space
        #expect(
            space.hyperparameters.map(\.domain) == [
                .number(0...1, .linear, step: 0.1), .integer(8...64, .log, step: 8),
                .number(1...2, .log),
            ])
    }

    @Test("With a header there may be columns that say where members begin")
    func beginnings() throws {
        let text = """
            name,min,max,scale,draw,mean,sd,initial_min
            a,0,,linear,normal,1,2,
            b,0,1,linear,,,,0.5
            """
        let space = try SpaceFile.parse(text: text, source: "").space
        let expected = [
            FloatDomain(
                min: 0, max: nil, scale: .linear,
                details: NumberDetails(draw: .normal(mean: 1, sd: 2)))?.domain,
            FloatDomain(
                min: 0, max: 1, scale: .linear, details: NumberDetails(initialMin: 0.5))?.domain,
        ]
        #expect(space.hyperparameters.map(\.domain) == expected)
    }

    static let mistakes: [SpaceFileMistake] = [
        SpaceFileMistake("name,min,max,scale\n", nil, "empty"),
        SpaceFileMistake("name,min,max\nx,0,1\n", 1, "no column “scale”"),
        SpaceFileMistake("name,min,max,scael\nx,0,1,log\n", 1, "write “scale”"),
        SpaceFileMistake("name,min,max,scale,name\nx,0,1,log,x\n", 1, "twice"),
        SpaceFileMistake("x,0,1\n", 1, "3 fields"),
        SpaceFileMistake(",,,\n", nil, "empty"),
        SpaceFileMistake("x,0,1,\n,,,\n", 1, "scale is missing"),
        SpaceFileMistake("name,min,max,scale,,note\nx,0,1,log\n", 1, "no column “”"),
        SpaceFileMistake("x\u{0},\u{0}", nil, "save it as UTF-8"),
        SpaceFileMistake("x,0,1,linear,,7\n", 1, "6 fields"),
        SpaceFileMistake("x;0;1;linear\n", 1, "1 field;"),
        SpaceFileMistake("name,min,max,scale\nx,0,1,linear,int\n", 2, "5 fields"),
        SpaceFileMistake("x,0,1,linear\n\n# c\nx,0,1,linear\n", 4, "“x” is here twice"),
        SpaceFileMistake("x,2,1,linear\n", 1, "reversed"),
        SpaceFileMistake("x,1,1,linear\n", 1, "empty, from"),
        SpaceFileMistake("x,0,1,log\n", 1, "“x”: Its scale is log"),
        SpaceFileMistake("x,0,1,cubic\n", 1, "“cubic” is not a scale"),
        SpaceFileMistake("x,0,1,\n", 1, "scale is missing"),
        SpaceFileMistake("x,nan,1,linear\n", 1, "The min is nan"),
        SpaceFileMistake("x,0,inf,linear\n", 1, "The max is inf"),
        SpaceFileMistake("x,0,0x10,linear\n", 1, "the text “0x10”"),
        SpaceFileMistake("x,,1,linear\n", 1, "The min is nothing"),
        SpaceFileMistake(",0,1,linear\n", 1, "name is empty"),
        SpaceFileMistake("x,0,1.5,linear,int\n", 1, "whole number"),
        SpaceFileMistake("x,0,1,linear,bool\n", 1, "“bool” is not a type"),
        SpaceFileMistake("\"x,0,1,linear\n", 1, "quote does not end"),
        SpaceFileMistake("\"x\"y,0,1,linear\n", 1, "after a closing quote"),
        SpaceFileMistake("", nil, "empty"),
    ]

    @Test("A mistake is named with its place", arguments: mistakes)
    func mistake(_ mistake: SpaceFileMistake) throws {
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: mistake.text, source: "a.csv")
        }
        #expect(error.line == mistake.line, "\(error)")
        #expect(error.description.contains(mistake.words), "\(error)")
        #expect(error.description.hasPrefix("a.csv:"))
        #expect(error.reason.hasSuffix("."))
    }
}
