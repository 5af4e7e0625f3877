import Evolution
import Testing

@testable import Coordinator

/// Policy files of Ray Tune are replayed as its `PopulationBasedTrainingReplay` does.
struct RayPolicyTests {
    private func segments(_ text: String) throws -> [String] {
        let specification = try SpaceFile(text: text, source: "pbt_policy_00001.txt")
            .specification(overriding: ["max_steps": 40])
        return specification.schedule.segments.map { segment in
            let values = segment.hyperparameters.map(\.description).joined(separator: " ")
            return segment.end == Specification.stepLimit ? values : "\(segment.end): \(values)"
        }
    }

    @Test func `Its changes are the segments`() throws {
        let text = """
            ["00001", "00003", 10, 8, {"lr": 0.1, "n": 2}, {"lr": 0.08, "n": 2}]
            ["00001", "00001", 20, 20, {"lr": 0.08, "n": 2}, {"lr": 0.1, "n": 4}]
            """
        #expect(try segments(text) == ["8: 0.1 2", "20: 0.08 2", "0.1 4"])
    }

    /// The state of before was overwritten by the clone's, whose changes are before it.
    @Test func `What was overwritten is left out`() throws {
        let text = """
            ["00001", "00002", 5, 5, {"lr": 1}, {"lr": 2}]
            ["00003", "00004", 10, 10, {"lr": 3}, {"lr": 4}]
            ["00001", "00003", 20, 20, {"lr": 4}, {"lr": 5}]
            """
        #expect(try segments(text) == ["10: 3", "20: 4", "5"])
    }

    @Test func `When it ends it does not say`() throws {
        let text = #"["a", "b", 5, 5, {"lr": 1}, {"lr": 2}]"#
        #expect(try SpaceFile.parse(text: text, source: "p.txt").maxSteps == nil)
    }

    @Test(arguments: [
        (#"["a", "b", 5]"#, "A policy's line is a list"),
        (#"["a", "b", 5, "x", {"lr": 1}, {"lr": 2}]"#, "A policy's line is a list"),
        (#"["a", "b", 5, 5, {"lr": 1}, {"rate": 2}]"#, "has no “lr”"),
        (#"["a", "b", 5, 5, {"lr": {"a": 1}}, {"lr": 2}]"#, "lr"),
        (#"["a", "b", 5, 5, {"lr": 1}"#, "p.txt:1"),
    ])
    func `What is wrong with one is said`(text: String, words: String) throws {
        let error = try #require(throws: SpaceFileError.self) {
            try SpaceFile.parse(text: text, source: "p.txt")
        }
        #expect(error.description.contains(words), "\(error)")
    }
}
