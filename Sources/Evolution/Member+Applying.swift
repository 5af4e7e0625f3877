extension Member {
    /// Takes over what an event says. Deciding and replaying both go through here.
    ///
    /// - Parameters:
    ///   - reports: how many its population has taken, from which the evidence of a member ages whose
    ///     worker left.
    ///   - kept: how many of its last own scores its population's rules look at.
    package mutating func apply(_ kind: Event.Kind, reports: Int = 0, keeping kept: Int = 0) {
        switch kind {
        case .created(let hyperparameters):
            self.hyperparameters = hyperparameters
        case .leased:
            // Whoever trained it before took what was not committed along.
            step = latest?.step ?? 0
            isLost = false
            presence = .held
        case .reported(let reported):
            commit(reported, keeping: kept)
            conclude(reported)
        case .declined(_, .previous):
            fallBack()
        case .declined(_, .donor(let exploit)):
            // What it had is lost: there is nothing to fall back to from the donor's state.
            if latest?.member == id { scores.removeLast() }
            latest = nil
            become(exploit)
            isRescued = true
        case .declined(_, .start):
            startAnew()
        case .released(let reason):
            isLost = reason == .lapsed
            presence = reason.isAbsence ? .away(since: reports) : .waiting
        case .removed:
            isRemoved = true
            scores = OwnScores()
            isLost = false
            presence = .waiting
        case .exploited(let exploited):
            become(exploited.exploit)
        case .paused, .resumed, .ended, .changed, .generationClosed:
            preconditionFailure("What happens to the population happens to no member.")
        }
    }

    /// The part of a report that says what was, before anything is decided on it.
    ///
    /// - Parameter kept: how many of its last own scores are kept.
    package mutating func commit(_ reported: Reported, keeping kept: Int = 0) {
        if reported.declined { fallBack() }
        reports = reported.report
        step = reported.step
        hyperparameters = reported.hyperparameters
        guard let checkpoint = reported.checkpoint else { return }
        isRescued = false
        let score = OwnScores.Entry(step: reported.step, score: reported.score)
        scores.add(score, isFirst: isInherited, keeping: kept)
        previous = latest
        latest = CommittedState(
            member: id, report: reported.report, step: reported.step, score: reported.score,
            hyperparameters: reported.hyperparameters, checkpoint: checkpoint)
    }

    /// The part of a report that was decided.
    mutating func conclude(_ reported: Reported) {
        if let standing = reported.standing {
            considered = reported.step
            self.standing = standing
        }
        if let generation = reported.generation {
            self.generation = generation
            considered = reported.step
        }
        if let exploit = reported.exploit { become(exploit) }
    }

    /// Becomes its donor.
    private mutating func become(_ exploit: Exploit) {
        previous = latest
        latest = exploit.donor
        hyperparameters = exploit.explored
        step = exploit.donor.step
        if !Hooks.present.keepsInterval { considered = exploit.donor.step }
        donor = exploit.donor.member
    }

    private mutating func startAnew() {
        latest = nil
        previous = nil
        scores = OwnScores()
        step = 0
        considered = 0
        donor = nil
        isRescued = false
    }

    /// Goes back to the previous committed state, or to the start when there is none.
    private mutating func fallBack() {
        let wasInherited = isInherited
        // What was measured of a state is gone with it.
        if latest?.member == id { scores.removeLast() }
        latest = previous
        previous = nil
        step = latest?.step ?? 0
        if wasInherited {
            // The exploit was considered at the very report that committed its own state.
            considered = step
            donor = nil
            hyperparameters = latest?.hyperparameters ?? hyperparameters
        } else {
            // A checkpoint that cannot be loaded says nothing against its hyperparameters.
            considered = min(considered, step)
        }
    }
}
