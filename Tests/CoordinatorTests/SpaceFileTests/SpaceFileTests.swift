import Evolution
import Foundation
import Messages
import Testing

@testable import Coordinator

struct SpaceFileTests {
    @Test("Options given beside the file win, also where the file's own would not do")
    func overrides() throws {
        let points = String(repeating: "- {}\n", count: 12)
        let text = YAMLSpaceTests.x + "interval: 5\npoints_to_evaluate:\n" + points
        let file = try SpaceFile(text: text, source: "a.yaml")
        let error = #expect(throws: SpaceFileError.self) { try file.specification() }
        #expect(error?.line == 4)
        var creation = WireCreatePopulation()
        creation.populationSize = 12
        creation.interval = 7
        creation.maxSteps = 70
        creation.minimize = true
        creation.seed = .max
        creation.fraction = 0
        let specification = try file.specification(overriding: creation.values())
        #expect(specification.populationSize == 12)
        #expect(specification.interval == 7)
        #expect(specification.maxSteps == 70)
        #expect(specification.objective == .minimize)
        #expect(specification.seed == .max)
        #expect(specification.fraction == 0)
    }

    @Test("Generations are the file's, unless options beside it say otherwise")
    func overrideMode() throws {
        let deadline = "mode: synchronous\ngeneration_deadline: 1.5\n"
        let file = try SpaceFile(text: deadline + YAMLSpaceTests.x, source: "a.yaml")
        var creation = WireCreatePopulation()
        var specification = try file.specification(overriding: creation.values())
        #expect(specification.mode == .synchronous && specification.generationDeadline == 1.5)
        creation.generationDeadlineSeconds = 600
        specification = try file.specification(overriding: creation.values())
        #expect(specification.generationDeadline == 600)
        let text = SpaceFile.render(specification)
        #expect(text.contains("mode: synchronous\ngeneration_deadline: 600.0\n"))
        #expect(try SpaceFile.parse(text: text, source: "again") == specification)
        // Without generations there is no deadline for them.
        creation.synchronous = false
        #expect(throws: SpaceFileError.self) {
            try file.specification(overriding: creation.values())
        }
        creation.synchronous = true
        let plain = try SpaceFile(text: YAMLSpaceTests.x, source: "a.yaml")
        #expect(try plain.specification(overriding: creation.values()).mode == .synchronous)
        #expect(try plain.specification().mode == .asynchronous)
        #expect(SpaceFile.render(try plain.specification()).contains("mode: asynchronous\n"))
    }

    @Test("To maximize can be given beside a file that minimizes")
    func overrideObjective() throws {
        let file = try SpaceFile(text: "objective: minimize\n" + YAMLSpaceTests.x, source: "a")
        var creation = WireCreatePopulation()
        #expect(try file.specification(overriding: creation.values()).objective == .minimize)
        creation.minimize = false
        #expect(try file.specification(overriding: creation.values()).objective == .maximize)
    }

    @Test("A mistake in an option beside the file is not blamed on the file")
    func overrideMistake() throws {
        let file = try SpaceFile(text: YAMLSpaceTests.x, source: "a.yaml")
        var creation = WireCreatePopulation()
        creation.populationSize = .max
        let error = #expect(throws: SpaceFileError.self) {
            try file.specification(overriding: creation.values())
        }
        #expect(error?.source == nil)
        #expect(error?.description.contains("population_size") == true)
    }

    @Test("A file without a name is called the search space, and a strange name is made harmless")
    func sources() {
        for (source, prefix) in [("", "the search space: "), ("a\nb", "a\\u{a}b: ")] {
            let error = #expect(throws: SpaceFileError.self) {
                try SpaceFile.parse(text: "", source: source)
            }
            #expect(error?.description.hasPrefix(prefix) == true)
        }
    }

    @Test("The canonical text of a file reads back as the same")
    func renderEverything() throws {
        let specification = try SpaceFile.parse(text: YAMLSpaceTests.everything, source: "")
        let text = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: text, source: "") == specification)
        #expect(text.contains("  learning_rate: {type: float, min: 0.0001, max: 0.1, scale: log}"))
    }

    @Test("The canonical text of any specification reads back as the same", arguments: 0..<200)
    func render(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let specification = try Specification.random(using: &generator)
        let text = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: text, source: "") == specification, "\(text)")
        #expect(SpaceFile.render(try SpaceFile.parse(text: text, source: "")) == text)
    }

    @Test("A document that aliases blow up is refused at once", .timeLimit(.minutes(5)))
    func bomb() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a60\n: 1\n"
        for disguise in [text, text.replacing("*", with: "\u{2028}*"), "z: 'é\n  # '\n" + text] {
            let error = #expect(throws: SpaceFileError.self) {
                try SpaceFile.parse(text: disguise, source: "")
            }
            #expect(error?.reason.contains("anchor") == true)
        }
    }

    @Test("A document that is nested without end is refused", arguments: ["[", "- ", "{a: ", "? "])
    func depth(opening: String) throws {
        #expect(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: String(repeating: opening, count: 20_000), source: "")
        }
    }

    @Test("The deepest document that is parsed fits a small stack", .timeLimit(.minutes(5)))
    func smallStack() async {
        let text = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        let isRefused = await withCheckedContinuation { continuation in
            let thread = Thread {
                let result = Result { try SpaceFile.parse(text: text, source: "") }
                continuation.resume(returning: (try? result.get()) == nil)
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
        #expect(isRefused)
    }

    @Test("Whatever is made of a file, it is read or refused", arguments: 0..<20)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        let files = [
            YAMLSpaceTests.everything,
            "name,min,max,scale\nlearning_rate,1e-4,0.1,log\n\"mo\",0,1,linear,int\n",
        ]
        let alphabet = Array("{}[]:,-?#\"'|>%@\\\n\t 0.e~<\u{301}\u{85}é🐦".unicodeScalars)
        for _ in 0..<50 {
            var scalars = Array(files.randomElement(using: &generator)!.unicodeScalars)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<scalars.count, using: &generator)
                if Bool.random(using: &generator) {
                    scalars.remove(at: place)
                } else {
                    scalars.insert(alphabet.randomElement(using: &generator)!, at: place)
                }
            }
            let text = String(String.UnicodeScalarView(scalars))
            do throws(SpaceFileError) {
                let specification = try SpaceFile.parse(text: text, source: "")
                #expect(
                    try SpaceFile.parse(text: SpaceFile.render(specification), source: "")
                        == specification, "\(text)")
            } catch {
                #expect(error.reason.hasSuffix("."), "\(error) of \(text)")
                #expect(!error.description.contains { $0.isNewline })
            }
        }
    }
}

extension Specification {
    fileprivate static func random(
        using generator: inout SplitMix
    ) throws -> Specification {
        let count = Int.random(in: 1...6, using: &generator)
        let hyperparameters = (0..<count).map { index in
            // The number keeps names apart.
            Hyperparameter(
                name: "\(index)" + text(using: &generator).prefix(10) + ".",
                domain: .random(using: &generator))
        }
        var result = Specification(space: try SearchSpace(hyperparameters))
        result.objective = Bool.random(using: &generator) ? .maximize : .minimize
        result.populationSize = .random(in: 5...1_000_000, using: &generator)
        result.interval = .random(in: 1...Specification.stepLimit, using: &generator)
        result.burnIn = .random(in: 0...1000, using: &generator)
        result.maxSteps = Bool.random(using: &generator) ? nil : 200
        result.seed = .random(in: 0...UInt64.max, using: &generator)
        result.minPopulationSize = .random(in: 2...100, using: &generator)
        result.fraction = .random(in: 0...0.5, using: &generator)
        result.resampleProbability = .random(in: 0...1, using: &generator)
        result.perturbationFactors = [
            .random(in: 1e-9...1, using: &generator), .leastNonzeroMagnitude, 1e20,
        ]
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            result.pointsToEvaluate.append(
                hyperparameters.map { hyperparameter in
                    Bool.random(using: &generator)
                        ? nil : hyperparameter.domain.some(using: &generator)
                })
        }
        return result
    }

    fileprivate static func text(using generator: inout SplitMix) -> String {
        let strange = [
            "&", "*", "!", "\"", "\\", "#", ": ", ",", "é", "🐦", "\u{a0}", "'", "-", "%",
        ]
        let plain = ["a", "Z", "_", "0", "null", "true", " x"]
        return (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            (strange + plain).randomElement(using: &generator)!
        }.joined() + "."
    }
}

extension Domain {
    fileprivate static func random(using generator: inout SplitMix) -> Domain {
        let scale = Bool.random(using: &generator) ? Scale.log : .linear
        switch Int.random(in: 0..<7, using: &generator) {
        case 0:
            let lower = Double.random(in: 1e-300...1, using: &generator)
            return .number(lower...(lower * 1e10), scale)
        case 5:
            let steps: [Double] = [0.1, 0.25, 3, 1.0 / 7]
            let step = steps.randomElement(using: &generator) ?? 1
            let count = Double.random(in: 1...40, using: &generator).rounded()
            return .number(step...(step + count * step), scale, step: step)
        case 6:
            let step = Int64.random(in: 1...9, using: &generator)
            return .integer(step...(step * 20), scale, step: step)
        case 1:
            let lower = Int64.random(in: 1...1000, using: &generator)
            return .integer(lower...Domain.integerLimit, scale)
        case 2: return .choice(values(using: &generator))
        case 3: return .ordinal(values(using: &generator))
        default: return .fixed(values(using: &generator)[0])
        }
    }

    private static func values(using generator: inout SplitMix) -> [Value] {
        let values: [Value] = [
            .number(.random(in: -1e300...1e300, using: &generator)), .number(-0.0), .number(1e16),
            .integer(.random(in: 1...(1 << 52), using: &generator)), .flag(true), .flag(false),
            .text(Specification.text(using: &generator)), .text(""), .text("1"), .text("null"),
            .number(.leastNonzeroMagnitude), .null, .json(#"["a\\",[1e+16,-0.0,true],null]"#),
        ]
        return Array(values.shuffled(using: &generator).prefix(4))
    }

    fileprivate func some(using generator: inout SplitMix) -> Value {
        switch self {
        case .float(let domain):
            domain.details.step.map { .number(domain.range.lowerBound + $0) }
                ?? .number(.random(in: domain.range, using: &generator))
        case .int(let domain):
            domain.details.step.map { .integer(domain.range.lowerBound + Int64($0)) }
                ?? .integer(.random(in: domain.range, using: &generator))
        case .unordered(let domain): domain.values[0]
        case .ordered(let domain): domain.values[0]
        case .flag: .flag(false)
        case .constant(let domain): domain.value
        }
    }
}

/// A generator whose whole state is its seed, so that a failing case can be run again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
