import Evolution
import Testing

@testable import Coordinator

/// Space files that nobody writes to train anything: few bytes must not take for ever, nor gigabytes.
@Suite(.timeLimit(.minutes(5)))
struct HostileSpaceTests {
    private func reason(_ text: String, source: String = "a.yaml") -> String? {
        do throws(SpaceFileError) {
            _ = try SpaceFile.parse(text: text, source: source)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        String(repeating: "[", count: 30_000), String(repeating: "{a: ", count: 15_000),
        "hyperparameters: " + String(repeating: "[", count: 30_000),
        String(repeating: "? ", count: 30_000) + "a", String(repeating: "- ", count: 30_000),
        (0..<400).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
        String(repeating: "[", count: 900) + String(repeating: "]", count: 900) + ": 1",
    ])
    func `Values within values are refused and do not exhaust the stack`(text: String) {
        #expect(reason(text) != nil)
    }

    @Test func `Aliases that would multiply are refused`() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...30 {
            text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
        }
        #expect(try #require(reason(text)).contains("anchor"))
    }

    @Test func `Points that say nothing cost no more than those that say all`() throws {
        let space = (0..<256).map { "  h\($0): {type: float, min: 0, max: 1}\n" }.joined()
        let points = String(repeating: "{},", count: 10_000)
        let text = """
            grows: true
            population_size: 0
            hyperparameters:
            \(space)points_to_evaluate: [\(points)]
            """
        #expect(try #require(reason(text)).contains("keep at most 256."))
    }

    @Test func `Too many hyperparameters are refused before their points are read`() throws {
        let space = (0..<4_000).map { "h\($0): 1," }.joined()
        let points = String(repeating: "{},", count: 4_000)
        let text = "hyperparameters: {\(space)}\npoints_to_evaluate: [\(points)]\n"
        #expect(try #require(reason(text)).contains("4000 hyperparameters"))
    }

    @Test func `A name that is as long as its file is no candidate for a misspelt one`() throws {
        let long = String(repeating: "a", count: 900_000)
        let text = "hyperparameters:\n  ? \(long)\n  : 1\npoints_to_evaluate: [{aaaa: 1}]\n"
        #expect(try #require(reason(text)).contains("There is no hyperparameter “aaaa”"))
    }

    @Test func `As many long lists as fit into a message are read at once`() throws {
        let values = (0..<1_000).map { "v\($0)" }.joined(separator: ",")
        let space = (0..<10).map { "  h\($0): {type: choice, values: [\(values)]}\n" }.joined()
        #expect(reason("hyperparameters:\n" + space) == nil)
        let twice = space.replacing("v999", with: "v0")
        #expect(try #require(reason("hyperparameters:\n" + twice)).contains("twice"))
    }

    @Test(arguments: [
        "a,0,\(String(repeating: "9", count: 900_000)),linear",
        String(repeating: "a", count: 900_000) + ",0,1,linear",
        String(repeating: ",", count: 900_000), "\"" + String(repeating: "\"\"", count: 400_000),
        "a,nan,1,linear", "a,0,inf,linear", "a,1e400,1,linear", "a,-1e999,1,log",
    ])
    func `Long lines and numbers that are none are refused`(text: String) {
        #expect(reason(text, source: "a.csv") != nil)
    }

    @Test func `The most extreme ranges and factors lead to values within the range`() throws {
        let text = """
            population_size: 200
            exploration: {perturbation_factors: [1e300, 5e-324], resample_probability: 0}
            hyperparameters:
              wide: {type: float, min: -1e300, max: 1e300}
              log: {type: float, min: 2.2250738585072014e-308, max: 1e300, scale: log}
              narrow: {type: float, min: 1, max: 1.0000000000000002}
              integers: {type: int, min: -9007199254740992, max: 9007199254740992}
              few: {type: int, min: 1, max: 2, scale: log}
            """
        let specification = try SpaceFile.parse(text: text, source: "a.yaml")
        #expect(
            try SpaceFile.parse(text: SpaceFile.render(specification), source: "a.yaml")
                == specification)
        var population = Population(specification)
        for _ in 0..<200 { population.apply(population.creation()) }
        for round in 1...3 {
            for member in population.members.indices {
                _ = population.report(
                    Report(
                        member: member, step: round, score: Double(member * 7 % 200),
                        checkpoint: "\(member)-\(round)"))
                let values = population.members[member].hyperparameters
                for (hyperparameter, value) in zip(specification.space.hyperparameters, values) {
                    #expect(hyperparameter.domain.contains(value), "\(hyperparameter) \(value)")
                }
            }
        }
        #expect(population.exploits > 0)
    }
}
