import Murmuration

/// The way of a member from event to event, as far as drawing it needs it.
///
/// It follows what Evolution does to a member: a decline undoes here what it undid there, and what
/// was not committed is gone when another worker takes over.
struct Course: Hashable {
    let member: Int
    /// Where the member trains on from; `nil` at its start.
    private(set) var tip: State?
    /// The committed state that ranks the member.
    private(set) var latest: State?
    private var previous: State?
    /// The last report took over a donor's state, and nothing was heard of it since.
    private var isPending = false

    /// What one report said.
    struct State: Hashable {
        /// Who made the report.
        var member: Int
        /// Its number among the reports of that member.
        var report: Int
        var step: Int
        var score: Double
        /// What is drawn: the score, or an extra metric; `nil` when the report lacks it.
        var value: Double?
    }

    /// Something to draw.
    enum Move: Hashable {
        case trained(from: State?, to: State)
        /// The member goes on from its donor's state.
        case tookOver(from: State, to: State)
        /// The last take-over did not happen after all.
        case gaveUp
    }

    init(member: Int) {
        self.member = member
    }

    mutating func leased() {
        tip = latest
    }

    mutating func declined() -> [Move] {
        let wasPending = isPending
        latest = previous
        previous = nil
        tip = latest
        isPending = false
        return wasPending ? [.gaveUp] : []
    }

    /// The member goes on from a donor, since it could not load the only state that it had.
    mutating func rescued(by donor: State) -> [Move] {
        guard let lost = latest else { return [] }
        latest = nil
        return becomes(donor, from: lost)
    }

    mutating func startedAnew() -> [Move] {
        previous = nil
        return declined()
    }

    mutating func reported(_ report: Event.Report, value: Double?) -> [Move] {
        var moves = report.declined ? declined() : []
        isPending = false
        let state = State(
            member: member, report: report.number, step: report.step, score: report.score,
            value: value)
        moves.append(.trained(from: tip, to: state))
        tip = state
        if report.checkpoint != nil {
            previous = latest
            latest = state
        }
        return moves
    }

    /// - Returns: nothing when there was no report to copy after.
    mutating func tookOver(_ donor: State) -> [Move] {
        guard let from = tip else { return [] }
        return becomes(donor, from: from)
    }

    private mutating func becomes(_ donor: State, from: State) -> [Move] {
        previous = latest
        latest = donor
        tip = donor
        isPending = true
        return [.tookOver(from: from, to: donor)]
    }
}

/// The courses of all members of a population.
struct Courses {
    /// The extra metric to draw; `nil` for the score.
    let metric: String?
    private(set) var all: [Int: Course] = [:]

    init(metric: String?) {
        self.metric = metric
    }

    /// Takes an event in, and says what it adds to the picture of its member.
    mutating func add(_ event: Event) -> [Course.Move] {
        guard let member = event.member else { return [] }
        switch event.kind {
        case .leased:
            all[member, default: Course(member: member)].leased()
            return []
        case .declined(_, .previous):
            return all[member, default: Course(member: member)].declined()
        case .declined(_, .donor(let exploit)):
            let donor = state(of: exploit)
            return all[member, default: Course(member: member)].rescued(by: donor)
        case .declined(_, .start):
            return all[member, default: Course(member: member)].startedAnew()
        case .reported(let report):
            // A member may copy nobody but another one, so the order of these does not matter.
            let donor = report.exploit.map(state)
            var course = all[member] ?? Course(member: member)
            var moves = course.reported(report, value: value(of: report))
            if let donor { moves += course.tookOver(donor) }
            all[member] = course
            return moves
        case .exploited(let exploited):
            let donor = state(of: exploited.exploit)
            return all[member, default: Course(member: member)].tookOver(donor)
        case .created, .released, .removed, .paused, .resumed, .ended, .changed,
            .generationClosed:
            return []
        }
    }

    private func value(of report: Event.Report) -> Double? {
        guard let metric else { return report.score }
        return report.metrics.first { $0.name == metric }?.value
    }

    /// The donor's state. An exploit copies what its donor committed last, so that the value of an
    /// extra metric, which the exploit does not say, is still known.
    private func state(of exploit: Event.Exploit) -> Course.State {
        let known = all[exploit.donor]?.latest
        let isKnown = known?.member == exploit.donor && known?.report == exploit.donorReport
        return Course.State(
            member: exploit.donor, report: exploit.donorReport, step: exploit.step,
            score: exploit.score,
            value: metric == nil ? exploit.score : isKnown ? known?.value : nil)
    }
}
