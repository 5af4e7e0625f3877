import Messages

/// What a worker trains, under which lease, and how far its reports are.
///
/// It changes by what the coordinator answers, and knows neither sockets nor clocks.
struct Assignment: Hashable, Sendable {
    let lease: UInt64
    let population: String
    let member: Int
    private(set) var step: Int
    private(set) var targetStep: Int
    let maxSteps: Int?
    private(set) var checkpoint: String?
    private(set) var hyperparameters: Hyperparameters
    /// The names of those that count only where others have some values.
    let conditional: [String]
    /// What the coordinator has as this member's hyperparameters.
    private var known: Hyperparameters
    /// What it trained with before the exploit about which `owesEffect`, as far as it is known.
    private var own: Hyperparameters?
    /// The sequence of the last report that was answered.
    private var sequence: UInt64
    /// The coordinator waits to hear whether its last exploit was taken over.
    private(set) var owesEffect: Bool
    /// The user's own function explored on from the copy about which `owesEffect`.
    private(set) var isExplored = false

    init(_ lease: WireLease) {
        self.lease = lease.token
        population = lease.population
        member = Int(clamping: lease.member)
        step = Int(clamping: lease.step)
        targetStep = Int(clamping: lease.targetStep)
        maxSteps = lease.maxSteps == 0 ? nil : Int(clamping: lease.maxSteps)
        checkpoint = lease.checkpoint.isEmpty ? nil : lease.checkpoint
        hyperparameters = Hyperparameters(lease.hyperparameters)
        conditional = lease.conditional
        known = hyperparameters
        sequence = lease.sequence
        owesEffect = lease.inherited
    }

    /// The next report. Making it anew gives the same sequence, until one is answered.
    func report(
        step: Int, score: Double, checkpoint: String?, changes: Hyperparameters, declined: Bool
    ) -> WireReport {
        var report = WireReport()
        report.lease = lease
        // A coordinator may have sent the largest number.
        report.sequence = sequence &+ 1
        report.step = UInt64(clamping: step)
        report.score = score
        report.checkpoint = checkpoint ?? ""
        let isDeclined = owesEffect && declined
        if owesEffect { report.effect = isDeclined ? .declined : .applied }
        // Declining gives the member its own hyperparameters back, at the coordinator too.
        let expected = isDeclined ? own : known
        var inEffect = (isDeclined ? own : nil) ?? hyperparameters
        for (name, value) in changes { inEffect[name] = value }
        if isDeclined || inEffect != expected { report.hyperparameters = inEffect.wire }
        return report
    }

    /// The report was accepted, and the member stays with this worker.
    mutating func accept(_ report: WireReport, targetStep: UInt64, exploit: WireExploit?) {
        sequence = report.sequence
        self.targetStep = Int(clamping: targetStep)
        if let exploit {
            own = inEffect(report)
            step = Int(clamping: exploit.step)
            checkpoint = exploit.checkpoint.isEmpty ? nil : exploit.checkpoint
            hyperparameters = Hyperparameters(exploit.hyperparameters)
            owesEffect = true
            isExplored = false
        } else {
            step = Int(clamping: report.step)
            if !report.checkpoint.isEmpty { checkpoint = report.checkpoint }
            hyperparameters = inEffect(report)
            // The member is its donor until it commits a state of its own.
            owesEffect =
                owesEffect && report.effect == .applied && report.checkpoint.isEmpty
            if !owesEffect { own = nil }
        }
        known = hyperparameters
    }

    /// The user's own function explored on, and changed some hyperparameters or all.
    mutating func explore(_ changes: Hyperparameters) {
        for (name, value) in changes { hyperparameters[name] = value }
        isExplored = true
    }

    /// What was trained with before this report.
    private func inEffect(_ report: WireReport) -> Hyperparameters {
        if !report.hyperparameters.isEmpty { return Hyperparameters(report.hyperparameters) }
        return (report.effect == .declined ? own : nil) ?? hyperparameters
    }

    /// What the worker is told when it gets this assignment.
    ///
    /// - Parameter exploit: the one by which it got it.
    func directive(_ action: Directive.Action, exploit: WireExploit? = nil) -> Directive {
        let mustLoad = action == .exploit || action == .switch
        var directive = Directive(
            action: action, member: member, step: step, targetStep: targetStep,
            checkpoint: mustLoad ? checkpoint : nil, hyperparameters: hyperparameters)
        if let exploit {
            directive.donor = Int(clamping: exploit.donor)
            directive.donorStep = Int(clamping: exploit.step)
            directive.donorScore = exploit.score
            directive.donorHyperparameters = Hyperparameters(exploit.donorHyperparameters)
        }
        return directive
    }

    /// What the worker is told when it gets this assignment by joining anew.
    ///
    /// It may be the very member that it trained before, as its last report left it: then there is
    /// nothing to load, or what that report's exploit said.
    ///
    /// - Parameters:
    ///   - before: what it trained until then.
    ///   - report: its last one under that; `nil` when it has made none since.
    ///   - exploit: what was decided on the report, when the worker was told.
    mutating func directive(
        instead before: Assignment, after report: WireReport?, exploit: WireExploit?
    ) -> Directive {
        guard let report, population == before.population, member == before.member else {
            return directive(.switch)
        }
        var expected = before
        expected.accept(report, targetStep: UInt64(clamping: targetStep), exploit: exploit)
        let isAsExpected =
            step == expected.step && checkpoint == expected.checkpoint
            && hyperparameters == expected.hyperparameters && owesEffect == expected.owesEffect
        // A report without a checkpoint leaves nothing that another worker could go on from.
        guard isAsExpected, !report.checkpoint.isEmpty else { return directive(.switch) }
        // What it goes back to when it declines.
        own = expected.own
        return directive(exploit == nil ? .continue : .exploit, exploit: exploit)
    }
}
