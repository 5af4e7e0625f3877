import Foundation
import Murmuration

/// What is told of a population over its whole time: one pass over its events, oldest first, in
/// bounded room.
package struct Overview {
    /// As the coordinator has it now.
    package var population: Population
    package private(set) var space: PlottedSpace
    package private(set) var reports: ReportLog
    package private(set) var exploits = ExploitLog()
    /// By number.
    package private(set) var members: [FollowedMember] = []
    package private(set) var workers = WorkerLog()
    package private(set) var diversity = Diversity()
    package private(set) var recent = RecentEvents()
    package private(set) var descent = Descent()
    /// The report that made each state of the descent, counted over the whole population.
    private var reportOfState: [Int32] = []
    private var totalSteps = 0
    /// The last event that was taken in.
    package private(set) var last: UInt64 = 0
    package private(set) var beginning: Date?
    package private(set) var lastTime: Date?

    /// The descent of more states takes more than a hundred megabytes.
    private static let mostStates = 2_000_000

    package init(_ population: Population) {
        self.population = population
        space = PlottedSpace(population.space)
        reports = ReportLog(dimensions: space.dimensions.count)
    }

    /// - Throws: `Failure` when no history is like that.
    package mutating func add(_ event: Event) throws {
        last = max(last, event.sequence)
        let beginning = beginning ?? event.time
        self.beginning = beginning
        lastTime = event.time
        recent.add(event)
        guard let member = event.member else { return }
        try descent.add(event)
        if case .created = event.kind, member >= members.count {
            members += Array(repeating: FollowedMember(), count: member + 1 - members.count)
        }
        guard members.indices.contains(member) else { return }
        let time = event.time.timeIntervalSince(beginning)
        members[member].apply(event, space: &space)
        workers.add(event, member: member)
        let step = descent.members[member]?.committedStep ?? 0
        totalSteps += step - members[member].countedStep
        members[member].countedStep = step
        try diversity.follow(member, in: descent)
        if let report = event.report { add(report, of: member, event, time: time) }
        if let exploit = event.exploit { add(exploit, of: member, event, time: time) }
        if descent.states.count > Self.mostStates {
            descent.forgetStates()
            reportOfState = []
        }
    }

    private mutating func add(
        _ report: Event.Report, of member: Int, _ event: Event, time: Double
    ) {
        while reportOfState.count < descent.states.count {
            reportOfState.append(Int32(clamping: reports.count))
        }
        reports.add(
            report, of: member, sequence: event.sequence, time: time,
            values: members[member].reported, minimize: population.minimize)
        let mean = Double(totalSteps) / Double(max(1, members.count))
        diversity.count(isExploit: report.exploit != nil, meanStep: mean, time: time)
    }

    private mutating func add(
        _ exploit: Event.Exploit, of member: Int, _ event: Event, time: Double
    ) {
        var (step, score) = (exploit.step, exploit.score)
        var standing: Event.Standing?
        switch event.kind {
        case .reported(let report):
            (step, score, standing) = (report.step, report.score, report.standing)
        case .exploited(let exploited):
            (step, score, standing) = (exploited.step, exploited.score, exploited.standing)
        default: break
        }
        exploits.add(
            ExploitLog.Entry(
                step: Double(step), time: time, score: score, member: member, donor: exploit.donor,
                sequence: event.sequence))
        diversity.note(
            copyOf: exploit.donor, score: exploit.score, standing: standing, members,
            minimize: population.minimize)
    }

    /// The hyperparameters that a state of the descent was trained with; `nil` when they were thinned
    /// out.
    package func hyperparameters(ofState place: Int) -> Hyperparameters? {
        guard reportOfState.indices.contains(place),
            let column = reports.column(ofReport: Int(reportOfState[place]))
        else { return nil }
        return space.decode(reports.hyperparameters.map { $0[column] })
    }

    /// Where a member stands now: its committed step and score.
    package func standing(of member: Int) -> (step: Int, score: Double?) {
        guard let past = descent.members[member] else { return (0, nil) }
        return (past.committedStep, past.committedScore)
    }

    /// What a member is doing.
    package func state(of member: Int) -> FollowedMember.State {
        let followed = members[member]
        guard descent.members[member] != nil else { return .removed }
        if let most = population.maxSteps, standing(of: member).step >= most { return .finished }
        if followed.isHeld { return .training }
        return followed.isLost ? .lost : .waiting
    }
}
