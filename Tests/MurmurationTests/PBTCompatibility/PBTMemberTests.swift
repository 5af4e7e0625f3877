import Testing

@testable import Murmuration

struct PBTMemberTests {
    private let own: Hyperparameters = ["lr": 0.1, "units": 32]
    private let donors: Hyperparameters = ["lr": 0.5, "units": 64]
    private let explored: Hyperparameters = ["lr": 0.6, "units": 64]

    private func member() -> PBTMember {
        PBTMember(step: 0, parametersPath: nil, hyperparameters: own)
    }

    private func goOn(at step: Int) -> Directive {
        Directive(
            action: .continue, member: 3, step: step, targetStep: step + 1, hyperparameters: own)
    }

    private var copy: Directive {
        Directive(
            action: .exploit, member: 3, step: 30, targetStep: 31, checkpoint: "/donor",
            hyperparameters: explored, donor: 9, donorStep: 30, donorScore: 0.9,
            donorHyperparameters: donors)
    }

    private func change(to checkpoint: String?, recorded: Bool = false) -> Directive {
        Directive(
            action: .switch, member: 3, step: 4, targetStep: 5, checkpoint: checkpoint,
            hyperparameters: donors, recorded: recorded)
    }

    /// One that saved once and was told to exploit.
    private func offered() throws -> PBTMember {
        var member = member()
        _ = try member.save(to: "/own", metricValue: 0.1)
        #expect(try member.answered(copy) == nil)
        return member
    }

    // MARK: - Saving

    @Test func `Steps are saves, and the parameters are where they were saved`() throws {
        var member = member()
        #expect(member.parametersPath == nil)
        let first = try member.save(to: "/a", metricValue: 0.1)
        #expect(
            first
                == PBTMember.Save(
                    step: 1, parametersPath: "/a", metricValue: 0.1, hyperparameters: own,
                    declined: false))
        #expect(try member.answered(goOn(at: 1)) == nil)
        #expect(!member.shouldExploit)
        #expect(member.parametersPath == "/a")
        #expect(try member.save(to: "/b", metricValue: 0.2).step == 2)
    }

    @Test func `One save at a time`() throws {
        var member = member()
        _ = try member.save(to: "/a", metricValue: 0.1)
        #expect(throws: MurmurationError.alreadyReporting) {
            try member.save(to: "/b", metricValue: 0.2)
        }
    }

    @Test func `A save that was refused is no step`() throws {
        var member = member()
        _ = try member.save(to: "/a", metricValue: 0.1)
        member.refused()
        #expect(try member.save(to: "/b", metricValue: 0.2).step == 1)
    }

    @Test(arguments: [("/a", 0.1, 1), ("/b", 0.1, 2), ("/a", 0.2, 2)])
    func `A save without an answer counts, and made again it is the same`(
        path: String, metricValue: Double, step: Int
    ) throws {
        var member = member()
        _ = try member.save(to: "/a", metricValue: 0.1)
        member.unanswered()
        #expect(!member.shouldExploit)
        #expect(try member.save(to: path, metricValue: metricValue).step == step)
    }

    // MARK: - Taking over

    @Test func `Exploiting takes the donor's over, and exploring the explored ones`() throws {
        var member = try offered()
        #expect(member.shouldExploit)
        #expect(member.parametersPath == "/own")
        #expect(member.hyperparameters == own)

        try member.exploit()
        #expect(member.parametersPath == "/donor")
        #expect(member.hyperparameters == donors)

        try member.explore()
        #expect(member.hyperparameters == explored)
        #expect(member.parametersPath == "/donor")

        let next = try member.save(to: "/next", metricValue: 0.9)
        #expect(next.step == 31)
        #expect(next.hyperparameters == explored)
        #expect(!next.declined)
        #expect(!member.shouldExploit)
    }

    @Test func `Exploiting without exploring keeps the donor's hyperparameters`() throws {
        var member = try offered()
        try member.exploit()
        let next = try member.save(to: "/next", metricValue: 0.9)
        #expect(next.hyperparameters == donors)
        #expect(next.step == 31)
        #expect(!next.declined)
    }

    @Test func `What is not exploited is declined, once`() throws {
        var member = try offered()
        let next = try member.save(to: "/next", metricValue: 0.2)
        #expect(next.declined)
        #expect(next.step == 2)
        #expect(next.hyperparameters == own)
        _ = try member.answered(goOn(at: 2))
        #expect(try member.save(to: "/later", metricValue: 0.3).declined == false)
    }

    @Test func `A decline whose save was refused or lost is said with the next one`() throws {
        var member = try offered()
        _ = try member.save(to: "/next", metricValue: 0.2)
        member.refused()
        #expect(try member.save(to: "/next", metricValue: 0.2).declined)
        member.unanswered()
        #expect(try member.save(to: "/other", metricValue: 0.2).declined)
    }

    @Test func `There is nothing to take over unless the last save was answered so`() throws {
        var member = member()
        #expect(throws: MurmurationError.nothingToExploit) { try member.exploit() }
        #expect(throws: MurmurationError.nothingToExploit) { try member.explore() }
        member = try offered()
        #expect(throws: MurmurationError.exploresFirst) { try member.explore() }
        _ = try member.save(to: "/next", metricValue: 0.2)
        #expect(throws: MurmurationError.nothingToExploit) { try member.exploit() }
    }

    @Test func `A member that others trained is offered at the start`() throws {
        let given = PBTMember(step: 7, parametersPath: "/others", hyperparameters: own)
        #expect(given.shouldExploit)
        #expect(given.parametersPath == "/others")
        var taken = given
        try taken.exploit()
        #expect(try taken.save(to: "/a", metricValue: 1).step == 8)
        var declined = given
        let save = try declined.save(to: "/a", metricValue: 1)
        #expect(save.step == 1)
        #expect(save.declined)
    }

    // MARK: - Declining

    private func instead(_ checkpoint: String?, step: Int) -> Directive {
        Directive(
            action: .switch, member: 3, step: step, targetStep: step + 1, checkpoint: checkpoint,
            hyperparameters: own)
    }

    @Test func `What cannot be loaded is declined until something can, or nothing is left`() throws
    {
        var member = try offered()
        try member.exploit()
        // The load that failed may have begun to replace the member's own, so that is offered too.
        try member.declined(instead("/own", step: 1))
        #expect(member.shouldExploit)
        #expect((member.step, member.parametersPath) == (1, "/own"))
        #expect(member.hyperparameters == own)
        try member.exploit()
        try member.declined(
            Directive(
                action: .switch, member: 3, step: 30, targetStep: 31, checkpoint: "/other",
                hyperparameters: explored))
        try member.exploit()
        #expect((member.step, member.parametersPath) == (30, "/other"))
        #expect(member.hyperparameters == explored)
        try member.declined(
            Directive(
                action: .switch, member: 3, step: 0, targetStep: 1, hyperparameters: explored))
        #expect(!member.shouldExploit)
        #expect((member.step, member.parametersPath) == (0, nil))
        #expect(member.hyperparameters == explored)
        #expect(throws: MurmurationError.nothingToExploit) {
            try member.declined(instead(nil, step: 0))
        }
        let save = try member.save(to: "/anew", metricValue: 1)
        #expect((save.step, save.declined) == (1, false))
    }

    @Test func `What was not taken over leaves the member as it is when it is declined`() throws {
        var member = try offered()
        try member.setHyperparameter("lr", 0.7)
        try member.declined(instead("/own", step: 1))
        #expect(!member.shouldExploit)
        #expect((member.step, member.parametersPath) == (1, "/own"))
        #expect(member.hyperparameters == ["lr": 0.7, "units": 32])
        #expect(try member.save(to: "/next", metricValue: 1).step == 2)
    }

    @Test func `A decline that is answered with a stop leaves nothing to take over`() throws {
        var member = try offered()
        try member.exploit()
        try member.declined(
            Directive(action: .stop, member: 3, step: 9, targetStep: 9, hyperparameters: donors))
        #expect(!member.shouldExploit)
        #expect((member.step, member.parametersPath) == (1, "/own"))
    }

    // MARK: - What the user sets

    @Test func `What is set wins over exploiting and exploring, until it is saved`() throws {
        var member = try offered()
        try member.setHyperparameter("lr", 7)
        try member.exploit()
        #expect(member.hyperparameters == ["lr": 7, "units": 64])
        try member.explore()
        try member.setHyperparameter("units", 8)
        #expect(member.hyperparameters == ["lr": 7, "units": 8])
        #expect(try member.save(to: "/a", metricValue: 1).hyperparameters == ["lr": 7, "units": 8])
        _ = try member.answered(copy)
        #expect(member.hyperparameters == ["lr": 7, "units": 8])
        try member.exploit()
        #expect(member.hyperparameters == donors)
    }

    @Test func `What is set while a save is under way is the next one's`() throws {
        var member = member()
        _ = try member.save(to: "/a", metricValue: 1)
        try member.setHyperparameter("lr", 7)
        _ = try member.answered(goOn(at: 1))
        #expect(try member.save(to: "/b", metricValue: 1).hyperparameters["lr"] == 7)
    }

    @Test func `Only what the search space has can be set`() throws {
        var member = member()
        let error = #expect(throws: MurmurationError.self) {
            try member.setHyperparameter("momentum", 0.9)
        }
        #expect(
            error?.description
                == "There is no hyperparameter “momentum” in the search space; it has lr, units.")
    }

    @Test func `What does not count now can be set, for with another value it may`() throws {
        var member = PBTMember(
            step: 0, parametersPath: nil, hyperparameters: own, conditional: ["momentum"])
        try member.setHyperparameter("momentum", 0.9)
        #expect(try member.save(to: "/a", metricValue: 1).hyperparameters["momentum"] == 0.9)
    }

    // MARK: - Lost leases

    @Test func `A state to load after a lapse is offered like a donor's`() throws {
        var member = member()
        _ = try member.save(to: "/own", metricValue: 0.1)
        #expect(try member.answered(change(to: "/committed")) == nil)
        #expect(member.shouldExploit)
        try member.exploit()
        #expect(member.parametersPath == "/committed")
        #expect(member.hyperparameters == donors)
        try member.explore()
        #expect(member.hyperparameters == donors)
        #expect(try member.save(to: "/next", metricValue: 0.2).step == 5)
    }

    @Test func `A save that was lost is made again when there is nothing to load`() throws {
        var member = member()
        try member.setHyperparameter("lr", 7)
        let save = try member.save(to: "/own", metricValue: 0.1)
        var again = save
        again.attempts = 2
        #expect(try member.answered(change(to: nil)) == again)
        #expect(try member.answered(goOn(at: 1)) == nil)
        #expect(member.step == 1)
    }

    @Test func `A save that was recorded is not made again`() throws {
        var member = member()
        _ = try member.save(to: "/own", metricValue: 0.1)
        #expect(try member.answered(change(to: nil, recorded: true)) == nil)
        #expect(!member.shouldExploit)
    }

    @Test func `Leases that lapse again and again are an error in the end`() throws {
        var member = member()
        _ = try member.save(to: "/own", metricValue: 0.1)
        for _ in 1..<PBTMember.Save.mostAttempts {
            #expect(try member.answered(change(to: nil)) != nil)
        }
        #expect(throws: MurmurationError.self) { try member.answered(change(to: nil)) }
    }
}
