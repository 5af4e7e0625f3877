import Murmuration

/// The ways of a population's members from event to event, as far as drawing them needs it.
///
/// What a member goes on from after each event is Evolution's to say; here it is told as moves.
package struct Trails {
    /// The extra metric to draw; `nil` for the score.
    package let metric: String?
    private var trails: [Int: Trail] = [:]

    /// What one report said.
    package struct State: Hashable {
        package var name: StateName
        package var step: Int
        /// What is drawn: the score, or an extra metric; `nil` when the report lacks it.
        package var value: Double?
    }

    /// Something to draw.
    package enum Move: Hashable {
        case trained(from: State?, to: State)
        /// The member goes on from its donor's state.
        case tookOver(from: State, to: State)
        /// The last take-over did not happen after all.
        case gaveUp
    }

    private struct Trail {
        var past: PastMember
        /// Where the member trains on from; `nil` at its start.
        var tip: State?
        /// Its committed states, the present one and the one before it.
        var states: [State] = []
        /// Its own states with the highest score and the lowest: the best one may be copied much later.
        var extremes: (high: Scored, low: Scored)?
        /// It took a donor's state over, and nothing was heard of it since.
        var isPending = false

        typealias Scored = (state: State, score: Double)

        /// The present one, as Evolution has it.
        var latest: State? { past.latest.flatMap { name in states.last { $0.name == name } } }

        mutating func commit(_ state: State) { states = states.suffix(1) + [state] }

        mutating func note(_ state: State, scored score: Double) {
            guard score.isFinite else { return }
            let this = (state, score)
            guard let (high, low) = extremes else {
                extremes = (this, this)
                return
            }
            extremes = (score > high.score ? this : high, score < low.score ? this : low)
        }

        /// A state of its own, if it is one of those that are known.
        func state(_ name: StateName) -> State? {
            let known = states + [extremes?.high.state, extremes?.low.state].compactMap(\.self)
            return known.last { $0.name == name }
        }
    }

    package init(metric: String?) {
        self.metric = metric
    }

    /// What ranks the member: its own last measurement, in which score at which step.
    package func measured(_ member: Int) -> (step: Int, score: Double)? {
        trails[member]?.past.measured
    }

    /// Takes an event in, and says what it adds to the picture of its member.
    package mutating func add(_ event: Event) -> [Move] {
        guard let member = event.member else { return [] }
        // A donor is another member, whose trail does not change.
        let donor = event.exploit.map(state)
        var trail = trails.removeValue(forKey: member) ?? Trail(past: PastMember(member))
        defer { trails[member] = trail }
        var moves: [Move] = []
        func giveUp() {
            if trail.isPending { moves.append(.gaveUp) }
            trail.isPending = false
        }
        func takeOver(from: State?) {
            guard let donor, let from else { return }
            moves.append(.tookOver(from: from, to: donor))
            trail.commit(donor)
            trail.tip = donor
            trail.isPending = true
        }
        switch event.kind {
        case .leased:
            trail.past.apply(event)
            trail.tip = trail.latest
        case .declined(_, let fallback):
            giveUp()
            let lost = trail.latest
            trail.past.apply(event)
            trail.tip = trail.latest
            if case .donor = fallback { takeOver(from: lost) }
        case .reported(let report):
            if report.declined {
                giveUp()
                trail.past = trail.past.afterDecline
                trail.tip = trail.latest
            }
            trail.isPending = false
            let state = State(
                name: StateName(member: member, report: report.number), step: report.step,
                value: value(of: report))
            moves.append(.trained(from: trail.tip, to: state))
            trail.tip = state
            if report.checkpoint != nil {
                trail.commit(state)
                trail.note(state, scored: report.score)
            }
            var plain = report
            plain.declined = false
            trail.past.apply(.reported(plain))
            if donor != nil { takeOver(from: state) }
        case .exploited:
            trail.past.apply(event)
            takeOver(from: trail.tip)
        case .created, .released, .removed, .paused, .resumed, .ended, .changed,
            .generationClosed:
            trail.past.apply(event)
        }
        return moves
    }

    private func value(of report: Event.Report) -> Double? {
        guard let metric else { return report.score }
        return report.metrics.first { $0.name == metric }?.value
    }

    /// The donor's state. An exploit copies what its donor committed last, or the best that it ever did,
    /// so that the value of an extra metric, which the exploit does not say, is still known.
    private func state(of exploit: Event.Exploit) -> State {
        let name = StateName(member: exploit.donor, report: exploit.donorReport)
        let known = trails[exploit.donor]?.state(name)
        return State(
            name: name, step: exploit.step, value: metric == nil ? exploit.score : known?.value)
    }
}
