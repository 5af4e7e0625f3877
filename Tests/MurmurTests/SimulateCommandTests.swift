import Evolution
import TestSupport
import Testing

@testable import Histories
@testable import murmur

@Suite(.timeLimit(.minutes(5)))
struct SimulateCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func simulate(_ arguments: String...) async throws -> (code: Bool, said: String) {
        let result = try await RunningMurmur.once(["simulate"] + arguments, in: directory)
        return (result.code == .exited(0), result.output + result.error)
    }

    @Test func `Seeds that pass are counted`() async throws {
        let (isWell, said) = try await simulate("--seeds", "5", "--seed", "3")
        #expect(isWell)
        #expect(
            said.wholeMatch(
                of: /5 seeds passed: [\d ]+ reports, .* late\.\n/) != nil, "\(said)")
    }

    @Test func `One seed tells what happens, and the same in another process`() async throws {
        let first = try await simulate("--seed", "3")
        #expect(first.code)
        #expect(first.said.contains("the coordinator starts, epoch 1"))
        #expect(first.said.contains(/w\d\.1 reports member \d at step \d/))
        #expect(first.said.contains("Seed 3 passes: "))
        let second = try await simulate("--seed", "3")
        #expect(second.said == first.said)
    }

    @Test func `Numbers that cannot be are refused in a sentence`() async throws {
        let none = try await simulate("--seeds", "0")
        #expect(!none.code && none.said.contains("use 1 or more"))
        let beyond = try await simulate("--seed", "\(UInt64.max)", "--seeds", "2")
        #expect(!beyond.code && beyond.said.contains("use a lower --seed"))
    }

    @Test func `A seed that fails is named, and fails again alone`() async throws {
        try await PlantedBug.$planted.withValue(.repeatedReportCounts) {
            let all = try Simulate.parse(["--seeds", "100"])
            let failure = await #expect(throws: Failure.self) { try await all.run() }
            let sentence = try #require(failure?.description)
            let match = try #require(
                sentence.firstMatch(
                    of: /^Seed (\d+) fails: (.*); see .* with murmur simulate --seed (\d+)\.$/))
            #expect(match.1 == match.3)
            let one = try Simulate.parse(["--seed", String(match.1)])
            let again = await #expect(throws: Failure.self) { try await one.run() }
            #expect(again?.description == "Seed \(match.1) fails: \(match.2).")
        }
    }
}
