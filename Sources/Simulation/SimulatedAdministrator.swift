import Evolution
import Messages

/// Who makes the population, and steers it.
struct SimulatedAdministrator {
    var connection = 0
    var alarm = 0
    var outstanding: WireRequest?
    var attempts = 0
    /// What is asked when the faults are over.
    var remaining: [WireChangePopulation] = []
    /// The population is made, and those that were added.
    var members = 0
}

// What the administrator does.
extension Simulation {
    func connectAdministrator() {
        administrator.connection = connect(.administrator)
        if scenario.grows { return planSteering() }
        var creation = WireCreatePopulation()
        creation.key = newKey()
        creation.name = Scenario.population
        creation.space = scenario.space
        creation.source = "space.yaml"
        askToAdminister(.createPopulation(creation))
    }

    private func askToAdminister(_ body: WireRequest.OneOf_Body) {
        administrator.outstanding = newRequest(body)
        administrator.attempts = 0
        sendAgain()
    }

    private func sendAgain() {
        guard let request = administrator.outstanding else { return }
        send(request, from: administrator.connection)
        administrator.alarm += 1
        plan(
            .alarm(.administrator, administrator.alarm),
            after: patience(attempts: administrator.attempts))
        administrator.attempts += 1
    }

    func wakeAdministrator(_ alarm: Int) {
        guard alarm == administrator.alarm else { return }
        if administrator.outstanding != nil { return sendAgain() }
        if isHealed {
            if let next = administrator.remaining.popLast() { steer(next) }
        } else {
            if random.chance(scenario.steering) { return steer(drawChange()) }
            planSteering()
        }
    }

    private func planSteering() {
        administrator.alarm += 1
        plan(.alarm(.administrator, administrator.alarm), after: .seconds(1))
    }

    private func steer(_ change: WireChangePopulation) {
        var change = change
        change.key = newKey()
        change.population = Scenario.population
        say("the administrator asks \(change.story)")
        askToAdminister(.changePopulation(change))
    }

    func takeAnswer(_ reply: WireReply) throws {
        guard let request = administrator.outstanding, reply.id == request.id else { return }
        if case .error(let error) = reply.body {
            switch error.code {
            case .unavailable, .noPopulation: return
            case .conflict, .noMember, .limit: break
            default: throw violation("the administrator is refused: \(error)")
            }
        } else {
            switch request.body {
            case .createPopulation: administrator.members += scenario.members
            case .changePopulation(let change):
                if case .addMembers(let add) = change.change {
                    administrator.members += Int(add.members)
                }
            default: break
            }
        }
        administrator.outstanding = nil
        planSteering()
    }

    private func drawChange() -> WireChangePopulation {
        var change = WireChangePopulation()
        switch Int.random(in: 0..<8, using: &random) {
        case 0: change.pause = WirePause()
        case 1, 2: change.resume = WireResume()
        case 3: change.end = WireEnd()
        case 4: change.addMembers.members = 1
        case 5:
            change.removeMember.member = .random(in: 0..<UInt64(scenario.members), using: &random)
        default:
            change.settings.maxSteps = [0, 6, 12, 20].randomElement(using: &random) ?? 0
            change.settings.interval = .random(in: 1...3, using: &random)
            let fraction = [0.1, 0.25, 0.5].randomElement(using: &random) ?? 0.25
            change.settings.settings = [WireSetting("fraction", .number(fraction))]
        }
        return change
    }

    /// The population is to go on, and to come to an end.
    func planHealing() {
        var end = WireChangePopulation()
        end.settings.maxSteps = 20
        var resume = WireChangePopulation()
        resume.resume = WireResume()
        var add = WireChangePopulation()
        add.addMembers.members = 1
        administrator.remaining = scenario.grows ? [end, resume, add] : [end, resume]
        planSteering()
    }
}
