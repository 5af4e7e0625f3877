import Messages
import TestSupport
import Testing

@testable import Murmuration

/// What becomes of a save or a decline that its caller gave up, or made beside another one.
@Suite(.timeLimit(.minutes(5)))
struct PBTSettlingTests {
    private let own: Hyperparameters = ["lr": 0.1, "units": 32]

    private func directive(_ action: Directive.Action, recorded: Bool = true) -> Directive {
        var directive = Directive(
            action: action, member: 3, step: 30, targetStep: 31,
            checkpoint: action == .exploit ? "/donor" : nil, hyperparameters: own)
        directive.recorded = recorded
        if action == .stop { directive.reason = "All have finished." }
        return directive
    }

    private func saved() throws -> PBTMember {
        var member = PBTMember(step: 0, parametersPath: nil, hyperparameters: own)
        _ = try member.save(to: "/a", metricValue: 0.1)
        return member
    }

    @Test func `A save with other hyperparameters is another one`() throws {
        var member = try saved()
        member.unanswered()
        try member.setHyperparameter("lr", 7)
        #expect(try member.save(to: "/a", metricValue: 0.1).step == 2)
    }

    @Test func `A save that a stop came before is an error`() throws {
        var member = try saved()
        #expect(throws: MurmurationError.finished(reason: "All have finished.")) {
            try member.answered(directive(.stop, recorded: false))
        }
    }

    @Test func `A stop that answers the save itself shows with the next one`() throws {
        var member = try saved()
        #expect(try member.answered(directive(.stop)) == nil)
        #expect(!member.shouldExploit)
    }

    @Test func `Nothing is saved or declined while a decline is under way`() throws {
        var member = try saved()
        #expect(throws: MurmurationError.nothingToExploit) { try member.decline() }
        _ = try member.answered(directive(.exploit))
        try member.decline()
        #expect(throws: MurmurationError.alreadyReporting) { try member.decline() }
        #expect(throws: MurmurationError.alreadyReporting) {
            try member.save(to: "/b", metricValue: 0.2)
        }
        member.declineFailed()
        try member.decline()
        try member.declined(directive(.exploit))
        #expect(try member.save(to: "/b", metricValue: 0.2).step == 2)
    }

    @Test func `The stop of a save that was given up ends the next one, which is not sent`()
        async throws
    {
        try await PBTClientTests.with { request, memory in
            switch request.body {
            case .join: .lease(5)
            case .report: memory.requests.count == 2 ? nil : .stop("All have finished.")
            default: nil
            }
        } _: { client, coordinator in
            let save = Task { try await client.save("/a", metricValue: 1) }
            while coordinator.reports.isEmpty { try await moment(waitingFor: "the report") }
            save.cancel()
            await #expect(throws: CancellationError.self) { try await save.value }
            for _ in 0..<2 {
                await #expect(throws: MurmurationError.finished(reason: "All have finished.")) {
                    try await client.save("/b", metricValue: 2)
                }
            }
            #expect(coordinator.reports.map(\.checkpoint) == ["/a", "/a"])
        }
    }
}
