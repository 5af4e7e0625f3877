import Evolution
import Messages
import Testing

@testable import Coordinator

struct YAMLSpaceTests {
    static let everything = """
        # How digits are trained.
        objective: minimize
        population_size: 16
        interval: 10
        burn_in: 20
        max_steps: 200
        seed: 18446744073709551615
        min_population_size: 4
        selection: {type: truncation, fraction: 0.25}
        exploration: {resample_probability: 0.5, perturbation_factors: [0.5, 2]}
        hyperparameters:
          learning_rate: {type: float, min: 1.0e-4, max: 1e-1, scale: log}
          momentum: {type: float, min: 0, max: 0.99}
          batch_size: {type: int, min: 8, max: 256, scale: log}
          activation: {type: choice, values: [relu, 'tanh', "2", 3, true, 'no']}
          depth: {type: ordinal, values: [1, 2.5, 4]}
          classes: {type: fixed, value: 10}
          optimizer: adam
        points_to_evaluate:
          - {learning_rate: 0.01, depth: 4.0, momentum: 0}
          - {}
        """

    @Test("Each option and each type is read")
    func readsEverything() throws {
        let specification = try SpaceFile.parse(text: Self.everything, source: "space.yaml")
        #expect(specification.objective == .minimize)
        #expect(specification.populationSize == 16)
        #expect(specification.interval == 10)
        #expect(specification.burnIn == 20)
        #expect(specification.maxSteps == 200)
        #expect(specification.seed == .max)
        #expect(specification.minPopulationSize == 4)
        #expect(specification.fraction == 0.25)
        #expect(specification.resampleProbability == 0.5)
        #expect(specification.perturbationFactors == [0.5, 2])
        let activations: [Value] = [
            .text("relu"), .text("tanh"), .text("2"), .integer(3), .flag(true), .text("no"),
        ]
        let space = [
            Hyperparameter(name: "learning_rate", domain: .number(1e-4...0.1, .log)),
            Hyperparameter(name: "momentum", domain: .number(0...0.99, .linear)),
            Hyperparameter(name: "batch_size", domain: .integer(8...256, .log)),
            Hyperparameter(name: "activation", domain: .choice(activations)),
            Hyperparameter(
                name: "depth", domain: .ordinal([.integer(1), .number(2.5), .integer(4)])),
            Hyperparameter(name: "classes", domain: .fixed(.integer(10))),
            Hyperparameter(name: "optimizer", domain: .fixed(.text("adam"))),
        ]
        #expect(specification.space.hyperparameters == space)
        let nothing = [Value?](repeating: nil, count: space.count)
        var point = nothing
        point[0] = .number(0.01)
        point[1] = .number(0)
        point[4] = .integer(4)
        #expect(specification.pointsToEvaluate == [point, nothing])
    }

    @Test("Numbers may go by steps")
    func steps() throws {
        let text = """
            hyperparameters:
              dropout: {type: float, min: 0, max: 0.5, step: 0.05}
              width: {type: int, min: 32, max: 1024, scale: log, step: 32}
            points_to_evaluate:
              - {dropout: 0.15, width: 64}
            """
        let specification = try SpaceFile.parse(text: text, source: "")
        #expect(
            specification.space.hyperparameters.map(\.domain) == [
                .number(0...0.5, .linear, step: 0.05), .integer(32...1024, .log, step: 32),
            ])
        let canonical = SpaceFile.render(specification)
        #expect(canonical.contains("{type: int, min: 32, max: 1024, scale: log, step: 32}"))
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
        let between = text.replacing("0.15", with: "0.16")
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: between, source: "")
        }
        #expect(error.reason.contains("The point has 0.16 for “dropout”"))
    }

    @Test("A file says where members begin, and may leave bounds out then")
    func beginnings() throws {
        let text = """
            hyperparameters:
              a: {type: float, min: 1e-6, max: 1, scale: log, initial_min: 1e-4, initial_max: 0.01}
              b: {type: float, scale: log, draw: lognormal, mean: 0, sd: 0.5}
              c: {type: int, min: 0, draw: Normal, mean: 1.5, sd: 2, step: 2}
              d: {type: int, max: 7, initial_min: -3}
            """
        let specification = try SpaceFile.parse(text: text, source: "")
        let expected = [
            FloatDomain(
                min: 1e-6, max: 1, scale: .log,
                details: NumberDetails(initialMin: 1e-4, initialMax: 0.01))?.domain,
            FloatDomain(
                min: nil, max: nil, scale: .log,
                details: NumberDetails(draw: .lognormal(mean: 0, sd: 0.5)))?.domain,
            IntDomain(
                min: 0, max: nil, scale: .linear,
                details: NumberDetails(step: 2, draw: .normal(mean: 1.5, sd: 2)))?.domain,
            IntDomain(
                min: nil, max: 7, scale: .linear, details: NumberDetails(initialMin: -3))?.domain,
        ]
        #expect(specification.space.hyperparameters.map(\.domain) == expected)
        let canonical = SpaceFile.render(specification)
        #expect(canonical.contains("{type: float, scale: log, draw: lognormal, mean: 0.0, sd: "))
        #expect(canonical.contains("  d: {type: int, max: 7, scale: linear, initial_min: -3}"))
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
    }

    @Test("Constraints are read and written")
    func constraints() throws {
        let text = """
            hyperparameters:
              beta1: {type: float, min: 0.5, max: 0.99}
              beta2: {type: float, min: 0.9, max: 0.9999}
              warm.up: {type: int, min: 0, max: 100, step: 10}
              decay: 50
            constraints:
              - beta1 < beta2
              - "decay>=warm.up"
              - warm.up + decay<=120
            points_to_evaluate:
              - {beta1: 0.95}
            """
        let specification = try SpaceFile.parse(text: text, source: "")
        #expect(
            specification.space.constraints == [
                .order(less: 0, more: 1, isStrict: true), .order(less: 2, more: 3, isStrict: false),
                .sum([2, 3], atMost: 120),
            ])
        let canonical = SpaceFile.render(specification)
        #expect(
            canonical.contains(
                """
                constraints:
                  - "beta1 < beta2"
                  - "warm.up <= decay"
                  - "warm.up + decay <= 120"
                """))
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
        let broken = text.replacing("{beta1: 0.95}", with: "{beta1: 0.95, beta2: 0.91}")
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: broken, source: "")
        }
        #expect(error.line == 10)
        #expect(error.reason.contains("Point 1 breaks a constraint"))
    }

    @Test("What a file leaves out has its default")
    func defaults() throws {
        let text = "hyperparameters: {x: {type: float, min: 0, max: 1}}"
        let specification = try SpaceFile.parse(text: text, source: "")
        let space = try SearchSpace([
            Hyperparameter(name: "x", domain: .number(0...1, .linear))
        ])
        #expect(specification == Specification(space: space))
    }

    @Test(
        "Other ways to write the same are read",
        arguments: [
            "{\"hyperparameters\": {\"x\": {\"type\": \"float\", \"min\": 0, \"max\": 1}}}",
            "\u{FEFF}hyperparameters:\r\n  x:\r\n    type: float\r\n    min: 0.\r\n    max: +1\r\n",
            "\u{FEFF}# It begins with a mark.\r\ninterval: 10\r\nhyperparameters:\r\n  \r\n"
                + "  x: {type: float, min: 0, max: 1}  \r\nseed: 0\r\n",
            "hyperparameters: # don't go *above* this\n  x: {type: float, min: 0, max: 1}\n",
            "# 'tis &a *b !c\nhyperparameters: {x: {type: float, min: 0, max: 1}}\n",
            "---\nhyperparameters: # *the* space & more\n  ? x\n  : {type: float, min: 0, max: 1e0}\n",
        ])
    func variants(text: String) throws {
        let space = try SpaceFile.parse(text: text, source: "").space
        #expect(
            space.hyperparameters
                == [Hyperparameter(name: "x", domain: .number(0...1, .linear))])
    }

    @Test func `A text may have the letters that begin anchors, aliases and tags`() throws {
        let text = """
            hyperparameters:
              target: {type: choice, values: ["*.q_proj", '&a', "!important", "*", a*b, R&D, c!]}
              "*": '&'
            """
        let space = try SpaceFile.parse(text: text, source: "").space
        let values = ["*.q_proj", "&a", "!important", "*", "a*b", "R&D", "c!"]
        #expect(
            space.hyperparameters == [
                Hyperparameter(name: "target", domain: .choice(values.map(Value.text))),
                Hyperparameter(name: "*", domain: .fixed(.text("&"))),
            ])
    }

    @Test(arguments: [
        "None", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
        "1_000", "0x1F", "0o17", "0b11",
    ])
    func `A word that other readers take for something else is a value only in quotes`(
        word: String
    ) throws {
        let lists = [
            Self.h("\n    type: choice\n    values: [a, \(word)]"),
            Self.h("\n    type: fixed\n    value: \(word)"),
        ]
        for text in lists {
            let error = try #require(throws: SpaceFileError.self) {
                try SpaceFile.parse(text: text, source: "a.yaml")
            }
            #expect(error.line == 4)
            #expect(error.reason.contains("has “\(word)” in it; write a value, or put the word in"))
        }
        let quoted = Self.h("{type: choice, values: [\"\(word)\", '\(word)s']}")
        let space = try SpaceFile.parse(text: quoted, source: "").space
        #expect(space.hyperparameters[0].domain == .choice([.text(word), .text(word + "s")]))
    }

    @Test(arguments: ["none", "NONE", "y", "n", "nO", "off_policy", "2_layers", "0xyz", "1e", "_1"])
    func `A word that is only like those is a text`(word: String) throws {
        let space = try SpaceFile.parse(text: Self.h(word), source: "a.yaml").space
        #expect(space.hyperparameters[0].domain == .fixed(.text(word)))
    }

    @Test(
        arguments: ["\u{FEFF}", "\u{FEFF}# all\n", "\u{FEFF}\r\n", "   \n\n", "%YAML 1.1\n---\n"],
        ["\n", "\r\n", "  \t\n", " \r\n\r\n"])
    func `A file is read as any editor saves it`(beginning: String, end: String) throws {
        let text = beginning + Self.everything.replacing("\n", with: end)
        let expected = try SpaceFile.parse(text: Self.everything, source: "")
        for source in ["space.yaml", ""] {
            #expect(try SpaceFile.parse(text: text, source: source) == expected)
        }
    }

    /// Mistakes, each with its line and a part of the sentence that names it.
    static let mistakes: [SpaceFileMistake] = [
        SpaceFileMistake("populaton_size: 3\n" + x, 1, "write “population_size”"),
        SpaceFileMistake(
            "quantiles: 3\n" + x, 1, "There is no option “quantiles”; there are objective"),
        SpaceFileMistake("mode: parallel\n" + x, 1, "write asynchronous or synchronous"),
        SpaceFileMistake(
            "mode: synchronous\ngeneration_deadline: 0\n" + x, 2, "a number of seconds above 0"),
        SpaceFileMistake(
            "mode: synchronous\ngeneration_deadline: soon\n" + x, 2, "the text “soon”"),
        SpaceFileMistake("generation_deadline: 60\n" + x, 1, "write mode: synchronous"),
        SpaceFileMistake("interval: 5\n", nil, "no “hyperparameters”"),
        SpaceFileMistake("interval: [1]\n" + x, 1, "“interval” is a list"),
        SpaceFileMistake("interval: 1.5\n" + x, 1, "whole number"),
        SpaceFileMistake("interval: ten\n" + x, 1, "the text “ten”"),
        SpaceFileMistake("interval:\n" + x, 1, "nothing"),
        SpaceFileMistake("interval: 0\n" + x, 1, "“interval”: It is 0"),
        SpaceFileMistake("interval: 1\ninterval: 2\n" + x, 2, "“interval” is here twice"),
        SpaceFileMistake("burn_in: -1\n" + x, 1, "“burn_in”"),
        SpaceFileMistake("max_steps: 0\n" + x, 1, "“max_steps”"),
        SpaceFileMistake("seed: -1\n" + x, 1, "“seed”"),
        SpaceFileMistake("seed: 1.5\n" + x, 1, "“seed”"),
        SpaceFileMistake("objective: max\n" + x, 1, "maximize or minimize"),
        SpaceFileMistake("population_size: 1000001\n" + x, 1, "“population_size”"),
        SpaceFileMistake("min_population_size: 1\n" + x, 1, "“min_population_size”"),
        SpaceFileMistake("selection: [truncation]\n" + x, 1, "write a mapping"),
        SpaceFileMistake("selection:\n  type: best\n" + x, 2, "write truncation"),
        SpaceFileMistake("selection:\n  fraction: 0.6\n" + x, 2, "“fraction”: It is 0.6"),
        SpaceFileMistake("selection:\n  fractions: 0.2\n" + x, 2, "write “fraction”"),
        SpaceFileMistake(
            "exploration:\n  resample_probability: 2\n" + x, 2, "“resample_probability”"),
        SpaceFileMistake(
            "exploration:\n  perturbation_factors: [0]\n" + x, 2, "cannot be a factor"),
        SpaceFileMistake("exploration:\n  perturbation_factors: []\n" + x, 2, "0 factors"),
        SpaceFileMistake("exploration:\n  perturbation_factors: [a]\n" + x, 2, "the text “a”"),
        SpaceFileMistake("exploration:\n  perturbation_factors: [[1]]\n" + x, 2, "a list in it"),
        SpaceFileMistake("exploration:\n  resample_probability: .nan\n" + x, 2, "write a number"),
        SpaceFileMistake("hyperparameters: {}\n", 1, "empty"),
        SpaceFileMistake("hyperparameters: []\n", 1, "is a list"),
        SpaceFileMistake("hyperparameters:\n", 1, "is nothing"),
        SpaceFileMistake(h("{min: 0, max: 1}"), 2, "has no “type”; write float, int"),
        SpaceFileMistake(h("{type: flaot, min: 0, max: 1}"), 2, "write float"),
        SpaceFileMistake(h("{type: gaussian, min: 0, max: 1}"), 2, "write float, int, choice"),
        SpaceFileMistake(h("{type: float, max: 1}"), 2, "has no “min”"),
        SpaceFileMistake(h("{type: float, min: 0, maximum: 1}"), 2, "maximum"),
        SpaceFileMistake(h("{type: float, min: 2, max: 1}"), 2, "reversed, from 2.0 to 1.0"),
        SpaceFileMistake(h("{type: float, min: 1, max: 1}"), 2, "empty, from 1.0"),
        SpaceFileMistake(h("{type: float, min: .nan, max: 1}"), 2, "The min is .nan"),
        SpaceFileMistake(h("{type: float, min: 0, max: .inf}"), 2, "write a finite number"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1e999}"), 2, "write a finite number"),
        SpaceFileMistake(h("{type: float, min: \"0\", max: 1}"), 2, "the text “0”"),
        SpaceFileMistake(h("{type: float, min: {a: 1}, max: 1}"), 2, "“min” is a mapping"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, scale: log}"), 2, "starts at 0"),
        SpaceFileMistake(h("{type: float, min: -1, max: 1, scale: log}"), 2, "starts at -1"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, scale: lin}"), 2, "log or linear"),
        SpaceFileMistake(
            h("{type: float, min: 0, max: 1, values: [1]}"), 2, "float hyperparameters “values”"),
        SpaceFileMistake(h("{type: int, min: 0, max: 1.5}"), 2, "use float"),
        SpaceFileMistake(h("{type: int, min: 9, max: 1}"), 2, "reversed, from 9 to 1"),
        SpaceFileMistake(h("{type: int, min: 0, max: 99999999999999999999}"), 2, "The max is"),
        SpaceFileMistake(h("{type: int, min: 0, max: 8, scale: log}"), 2, "starts at 0"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, step: 0.3}"), 2, "to 1; write 0.9, or"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, step: 0}"), 2, "write one above 0"),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, step: a}"), 2, "The step is the text"),
        SpaceFileMistake(h("{type: int, min: 0, max: 9, step: 2.5}"), 2, "The step is “2.5”"),
        SpaceFileMistake(h("{type: int, min: 0, max: 9, step: 2}"), 2, "to 9; write 8, or"),
        SpaceFileMistake(h("{type: float, min: 0, draw: normal}"), 2, "has no “mean”; add one"),
        SpaceFileMistake(
            h("{type: float, min: 0, max: 1, draw: gauss, mean: 0, sd: 1}"), 2,
            "write uniform, normal or lognormal"),
        SpaceFileMistake(
            h("{type: float, min: 0, max: 1, draw: norml, mean: 0, sd: 1}"), 2, "write normal."),
        SpaceFileMistake(h("{type: float, min: 0, max: 1, sd: 1}"), 2, "write draw: normal or"),
        SpaceFileMistake(h("{type: float, min: 0, initial_min: 1}"), 2, "has no “max”"),
        SpaceFileMistake(
            h("{type: float, min: 0, max: 1, initial_max: 2}"), 2, "initial_max 2 is outside"),
        SpaceFileMistake(
            h("{type: int, min: 0, max: 9, initial_max: 2.5}"), 2, "The initial_max is “2.5”"),
        SpaceFileMistake(
            h("{type: float, min: 2e300, draw: normal, mean: 1, sd: 1}"), 2, "reversed"),
        SpaceFileMistake(h("{type: bool, step: 2}"), 2, "bool hyperparameters “step”"),
        SpaceFileMistake(h("{type: choice, values: [1]}"), 2, "fewer than two"),
        SpaceFileMistake(h("{type: choice, values: [1, 1.0]}"), 2, "twice"),
        SpaceFileMistake(h("{type: choice, values: 1}"), 2, "write a list"),
        SpaceFileMistake(h("{type: ordinal, values: [{a: 1}, 2]}"), 2, "a mapping in it"),
        SpaceFileMistake(h("{type: ordinal, values: [[1, .inf], 2]}"), 2, "that is no value"),
        SpaceFileMistake(h("{type: ordinal, values: [[1, no], 2]}"), 2, "“no” in it"),
        SpaceFileMistake(h("{type: ordinal, values: [[1], [1.0]]}"), 2, "lists [1.0] twice"),
        SpaceFileMistake(h("{type: choice, values: [null, ~]}"), 2, "lists null twice"),
        SpaceFileMistake(
            h("{type: choice, values: [[[[[[[[[[1]]]]]]]]], 2]}"), 2, "no deeper than 8"),
        SpaceFileMistake(
            h("{type: choice, values: [a, b], min: 1}"), 2, "choice hyperparameters “min”"),
        SpaceFileMistake(h("{type: fixed}"), 2, "has no “value”"),
        SpaceFileMistake(h("{type: fixed, value: .inf}"), 2, "not a finite number"),
        SpaceFileMistake(h("[relu, tanh]"), 2, "type: choice"),
        SpaceFileMistake(h(""), 2, "nothing in it"),
        SpaceFileMistake(h("{type: [float]}"), 2, "“type” is a list"),
        SpaceFileMistake(x + "  x: 3\n", 3, "“x” is here twice"),
        SpaceFileMistake(
            x + "  y:\n    x: 1\n\n  # x: 1\n  \"x\" : 3\n", 7, "“x” is here twice"),
        SpaceFileMistake(h("{type: fixed, type: fixed}"), 2, "“type” is here twice"),
        SpaceFileMistake("hyperparameters:\n  ? [a]\n  : 3\n", 2, "is a list"),
        SpaceFileMistake("hyperparameters:\n  \"\": 3\n", 2, "name is empty"),
        SpaceFileMistake(
            "hyperparameters:\n  " + String(repeating: "n", count: 65) + ": 3\n", 2, "65 bytes"),
        SpaceFileMistake(x + "points_to_evaluate: 3\n", 3, "write a list"),
        SpaceFileMistake(x + "points_to_evaluate:\n  - 3\n", 4, "A point to evaluate is “3”"),
        SpaceFileMistake(
            x + "points_to_evaluate:\n  - {y: 3}\n", 4, "There is no hyperparameter “y”"),
        SpaceFileMistake(x + "points_to_evaluate:\n  - {x: 0}\n  - {x: 3}\n", 5, "The point has 3"),
        SpaceFileMistake(x + "points_to_evaluate:\n  - {x: a}\n", 4, "The point has “a”"),
        SpaceFileMistake(
            "population_size: 1\n" + x + "points_to_evaluate: [{}, {}]\n", 4, "2 points"),
        SpaceFileMistake(xy + "constraints: x < y\n", 4, "“constraints” is the text"),
        SpaceFileMistake(xy + "constraints:\n  - [x, y]\n", 5, "A constraint is a list"),
        SpaceFileMistake(xy + "constraints:\n  - x\n", 5, "compares nothing; write a < b"),
        SpaceFileMistake(xy + "constraints:\n  - x < z\n", 5, "names “z”, which is no"),
        SpaceFileMistake(xy + "constraints:\n  - x < 1\n", 5, "write the min or max"),
        SpaceFileMistake(xy + "constraints:\n  - x + y < 1\n", 5, "write a + b <= 1"),
        SpaceFileMistake(xy + "constraints:\n  - x + y <= inf\n", 5, "write a + b <= 1"),
        SpaceFileMistake(xy + "constraints:\n  - x + x <= 1\n", 5, "adds “x” twice"),
        SpaceFileMistake(xy + "constraints: [x < y < x]\n", 4, "in a circle"),
        SpaceFileMistake(xy + "constraints: [x < x]\n", 4, "in a circle"),
        SpaceFileMistake(xy + "constraints: [x + y <= 1]\n", 4, "No values keep all constraints"),
        SpaceFileMistake(
            xy + "  z: {type: bool}\nconstraints: [z < y]\n", 5, "“z”, which is no number"),
        SpaceFileMistake("", nil, "empty"),
        SpaceFileMistake("# nothing\n\n", nil, "empty"),
        SpaceFileMistake("just a text\n", 1, "write a mapping"),
        SpaceFileMistake("- a\n", 1, "is a list"),
        SpaceFileMistake(x + "---\n" + x, 3, "second document"),
        SpaceFileMistake("hyperparameters: {x: 1\ninterval: 3\n", 2, "not YAML"),
        SpaceFileMistake("hyperparameters:\n\tx: 1\n", 2, "tab"),
        SpaceFileMistake("hyperparameters:\n\t\n  x: 1\n", 2, "tab"),
        SpaceFileMistake("hyperparameters:\n  x: \"a\n", 3, "not YAML"),
        SpaceFileMistake("hyperparameters:\n  x: a\u{1}b\n", 2, "not YAML"),
        SpaceFileMistake("hyperparameters:\n  x: &a 1\n  y: *a\n", 3, "“*a” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  x: !!str 1\n", 2, "“!!str” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  x: *.q_proj\n", 2, "“*.q_proj” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  x: &b\n    type: int\n", 2, "“&b” looks like"),
        SpaceFileMistake("x: \"#\n", 2, "not YAML"),
        SpaceFileMistake(h("{type: choice, values: [a, &b]}"), 2, "“&b” looks like an anchor"),
        SpaceFileMistake(h("*"), 2, "“*” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  <<: *all\n", 2, "“*all” looks like an anchor"),
        SpaceFileMistake(h("!e!x 1"), 2, "“!e!x” looks like an anchor"),
        SpaceFileMistake("hyperparameters: !!map\n  x: 1\n", 1, "“!!map” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  &a x: 1\n", 2, "“&a” looks like an anchor"),
        SpaceFileMistake("hyperparameters:\n  '&a': 1\n  '&a': 2\n", 3, "“&a” is here twice"),
        SpaceFileMistake(h("\n    lr: 0.1\n    momentum: 0.9"), 2, "lr: {type: fixed, value: …}."),
        SpaceFileMistake(h("{low: 0, high: 1}"), 2, "has no “type”; write float"),
        SpaceFileMistake(
            h("{type: float, min: {a: {type: bool}}, max: 1}"), 2, "“min” is a mapping"),
        SpaceFileMistake(h("{lr: {type: flaot}}"), 2, "“type” is the text “flaot”; write float."),
        SpaceFileMistake(h("{lr: {type: bool}, betas: [1, 2]}"), 2, "“h.betas” is a list"),
        SpaceFileMistake(h("{\"\": {a: {type: bool}}}"), 2, "“h.” is no name"),
        SpaceFileMistake(h("{lr: 1, x: {type: bool}}") + "  h.lr: 2\n", 3, "“h.lr” is here twice"),
        SpaceFileMistake(
            "hyperparameters:\n  \(String(repeating: "g", count: 64)): {a: {type: bool}}\n", 2,
            "longer than 64 bytes"),
        SpaceFileMistake(
            h("{lr: {type: bool}}") + "points_to_evaluate: [{h: {rl: true}}]\n", 3,
            "There is no hyperparameter “h.rl”; write “h.lr”"),
        SpaceFileMistake(
            h("{lr: {type: bool}}") + "points_to_evaluate: [{h: {lr: true}, h.lr: false}]\n", 3,
            "“h.lr” is here twice"),
        SpaceFileMistake(h("{type: bool, when: x}"), 2, "“when” is the text “x”; write a mapping"),
        SpaceFileMistake(h("{type: bool, when: {hh: 1}}"), 2, "no hyperparameter “hh”; there is h"),
        SpaceFileMistake(h("{type: bool, when: {h: true}}"), 2, "is one on itself"),
        SpaceFileMistake(
            x + "  y: {type: bool, when: {x: 3}}\n", 3, "has 3.0, which that one never"),
        SpaceFileMistake(x + "  y: {type: bool, when: {x: []}}\n", 3, "has no values"),
        SpaceFileMistake(
            "hyperparameters:\n  a: {type: bool, when: {b: true}}\n"
                + "  b: {type: bool, when: {a: true}}\n", 2, "in a circle"),
        SpaceFileMistake(
            xy + "  z: {type: bool, when: {x: 0.5}}\nconstraints: [x < y]\n", 2,
            "others have conditions on it"),
        SpaceFileMistake(h("{typ: float, min: 0, max: 1}"), 2, "has no “type”"),
        SpaceFileMistake("h\u{0}y\u{0}p\u{0}", nil, "perhaps in UTF-16; save it as UTF-8"),
    ]

    static let x = "hyperparameters:\n  x: {type: float, min: 0, max: 1}\n"
    static let xy = x + "  y: {type: float, min: 2, max: 3}\n"
    static func h(_ text: String) -> String { "hyperparameters:\n  h: \(text)\n" }

    @Test("A mistake is named with its place", arguments: mistakes)
    func mistake(_ mistake: SpaceFileMistake) throws {
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: mistake.text, source: "a.yaml")
        }
        #expect(error.line == mistake.line, "\(error)")
        #expect(error.description.contains(mistake.words), "\(error)")
        #expect(error.description.hasPrefix("a.yaml:"))
        #expect(error.reason.hasSuffix("."))
        #expect(!error.reason.contains("\n"))
    }

    @Test("More hyperparameters than a space may have are refused")
    func tooMany() throws {
        let lines = (0...256).map { "  x\($0): {type: float, min: 0, max: 1}\n" }
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: "hyperparameters:\n" + lines.joined(), source: "a")
        }
        #expect(error.reason.contains("257"))
    }

    @Test("Hyperparameters that no message could hold are refused")
    func tooLarge() throws {
        let text = String(repeating: "a", count: 1000)
        let lines = (0..<13).map { "  x\($0): \(text)\n" }
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: "hyperparameters:\n" + lines.joined(), source: "a")
        }
        #expect(error.line == 1)
        #expect(error.reason.contains("\(Limits.assignmentBytes)"))
    }

    @Test("A text that is too long is not parsed")
    func tooLong() throws {
        let text = Self.x + String(repeating: "#", count: SpaceFile.textBytes)
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: text, source: "a")
        }
        #expect(error.reason.contains("keep it to"))
    }
}

/// A text with a mistake.
struct SpaceFileMistake: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int?
    /// Part of the sentence.
    var words: String

    init(_ text: String, _ line: Int?, _ words: String) {
        self.text = text
        self.line = line
        self.words = words
    }

    var testDescription: String { String(text.prefix(60)).replacing("\n", with: "⏎") }
}
