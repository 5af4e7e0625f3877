import Evolution
import Messages

// How a simulation tells what happens.

extension SimulatedPopulation: CustomStringConvertible {
    var description: String {
        var parts = [
            grows ? "a growing population" : "\(members) members",
            maximizes ? "maximize" : "minimize", "interval \(interval)",
        ]
        if isSynchronous { parts.append("synchronous") }
        if let deadline { parts.append("a deadline of \(deadline) seconds") }
        if burnIn > 0 { parts.append("burn-in \(burnIn)") }
        if let maxSteps { parts.append("until step \(maxSteps)") }
        parts.append("\(selection) by \(ranking) of \(window)")
        parts.append("fraction \(fraction) of at least \(minPopulationSize)")
        if minGap > 0 { parts.append("a gap of \(minGap) (\(gapUnit))") }
        return "\(name): " + parts.joined(separator: ", ")
    }
}

extension Scenario: CustomStringConvertible {
    var description: String {
        let chances = [
            ("a client is a plain one", plainClients),
            ("a worker keeps its member", keeping), ("a worker leaves", leaving),
            ("a checkpoint is declined", declining), ("an exploit is refused", refusing),
            ("what is asked is given up", impatience), ("a message is lost", loss),
            ("a message is doubled", duplication), ("a message is late", delay),
            ("a commit fails", failedCommit), ("the coordinator is killed in a turn", crash),
            ("the coordinator is killed between turns", kill),
            ("the coordinator stands still", standstill), ("a link breaks", breaking),
            ("a worker is killed", workerKill),
            ("a worker stands still", workerStandstill), ("the clock jumps", clockJump),
            ("a population is steered", steering),
        ].filter { $0.1 > 0 }.map { "\($0.0) \(Self.percent($0.1))" }
        return populations.map { "\($0); " }.joined() + "\(workers) workers"
            + (reusesAddresses ? " that reuse addresses" : "")
            + (chances.isEmpty ? "; no faults" : "; " + chances.joined(separator: ", "))
    }

    private static func percent(_ chance: Double) -> String {
        let tenths = Int((chance * 1000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}

extension Event {
    /// For the trace of a simulation.
    var story: String {
        let who = member.map { "member \($0)" } ?? "the population"
        switch kind {
        case .created: return "\(who) is made"
        case .leased(let worker): return "\(who) is leased to \(worker)"
        case .released(let reason): return "\(who)'s lease ends: \(reason.rawValue)"
        case .declined(_, .previous): return "\(who) goes back to its state before"
        case .declined(_, .donor(let exploit)):
            return "\(who) is rescued by member \(exploit.donor.member)"
        case .declined(_, .start): return "\(who) starts anew"
        case .removed: return "\(who) is removed"
        case .paused: return "\(who) is paused"
        case .resumed: return "\(who) is resumed"
        case .ended: return "\(who) is ended"
        case .exploited(let exploited):
            let donor = exploited.exploit.donor
            return
                "\(who), \(exploited.standing.rank) of \(exploited.standing.ranked), copies member "
                + "\(donor.member) at step \(donor.step)"
        case .generationClosed(let closed):
            return "generation \(closed.generation) closes\(closed.isByDeadline ? " late" : ""), "
                + "\(closed.reported) reported"
        case .changed: return "\(who)'s settings change"
        case .reported(let reported):
            let decline = reported.declined ? " without the exploit before" : ""
            let place =
                (reported.standing.map { ", \($0.rank) of \($0.ranked)" } ?? "")
                + (reported.verdict.map { " [\($0.text)]" } ?? "")
            let counts = reported.generation.map { ", for generation \($0)" } ?? ""
            let copy = reported.exploit.map {
                ", and copies member \($0.donor.member) at step \($0.donor.step)"
            }
            return
                "\(who) is at step \(reported.step) with \(reported.score)\(decline)\(counts)\(place)"
                + (copy ?? "")
        }
    }
}

extension WireChangePopulation {
    /// For the trace of a simulation.
    var story: String {
        switch change {
        case .pause: "a pause"
        case .resume: "to resume"
        case .end: "for the end"
        case .addMembers(let add): "for \(add.members) more"
        case .removeMember(let remove): "to remove member \(remove.member)"
        case .settings(let settings):
            "for "
                + settings.settings.map { "\($0.name) \($0.value.map { "\($0)" } ?? "")" }
                .joined(separator: ", ")
        case nil: "nothing"
        }
    }
}
