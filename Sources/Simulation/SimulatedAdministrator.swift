import Evolution
import Messages

/// Who makes the populations, and steers them.
struct SimulatedAdministrator {
    var client = 0
    var connection = 0
    var alarm = 0
    var outstanding: WireRequest?
    var attempts = 0
    /// What is asked next: the populations, and when the faults are over, that they come to an end.
    var remaining: [WireRequest.OneOf_Body] = []
    /// How many members each population was made with and given since, by its name.
    var members: [String: Int] = [:]

    /// Asks for what concerns other populations first: the worker that makes this one may come only
    /// when those have ended.
    mutating func postpone(_ body: WireRequest.OneOf_Body) {
        func isOfSame(_ other: WireRequest.OneOf_Body) -> Bool {
            guard case .changePopulation(let change) = body,
                case .changePopulation(let next) = other
            else { return false }
            return change.population == next.population
        }
        remaining = remaining.filter(isOfSame) + [body] + remaining.filter { !isOfSame($0) }
    }
}

// What the administrator does.
extension Simulation {
    func connectAdministrator() throws {
        administrator.client = newClient()
        administrator.connection = connect(.administrator)
        administrator.remaining = scenario.populations.filter { !$0.grows }.reversed().map {
            var creation = WireCreatePopulation()
            creation.key = newKey()
            creation.name = $0.name
            creation.space = $0.space
            creation.source = "space.yaml"
            return .createPopulation(creation)
        }
        try askNext()
    }

    private func askNext() throws {
        guard let next = administrator.remaining.popLast() else { return planSteering() }
        if case .changePopulation(let change) = next {
            say("the administrator asks \(change.story) in \(change.population)")
        }
        try askToAdminister(next)
    }

    private func askToAdminister(_ body: WireRequest.OneOf_Body) throws {
        administrator.outstanding = newRequest(body)
        administrator.attempts = 0
        try sendAgain()
    }

    private func sendAgain() throws {
        guard let request = administrator.outstanding else { return }
        try send(request, by: administrator.client, from: administrator.connection)
        administrator.alarm += 1
        plan(
            .alarm(.administrator, administrator.alarm),
            after: patience(attempts: administrator.attempts))
        administrator.attempts += 1
    }

    func wakeAdministrator(_ alarm: Int) throws {
        guard alarm == administrator.alarm else { return }
        if administrator.outstanding != nil { return try sendAgain() }
        if isHealed {
            if !administrator.remaining.isEmpty { try askNext() }
        } else {
            if administrator.remaining.isEmpty, random.chance(scenario.steering) {
                administrator.remaining = [.changePopulation(drawChange())]
            }
            try askNext()
        }
    }

    private func planSteering() {
        administrator.alarm += 1
        plan(.alarm(.administrator, administrator.alarm), after: .seconds(1))
    }

    func takeAnswer(_ reply: WireReply) throws {
        guard let request = administrator.outstanding, reply.id == request.id else { return }
        if case .error(let error) = reply.body {
            switch error.code {
            case .unavailable: return
            case .noPopulation:
                if let body = request.body { administrator.postpone(body) }
            case .conflict, .noMember, .limit: break
            default: throw violation("the administrator is refused: \(error)")
            }
        } else {
            switch request.body {
            case .createPopulation(let creation):
                let made = scenario.populations.first { $0.name == creation.name }?.members
                administrator.members[creation.name] = made
            case .changePopulation(let change):
                if case .addMembers(let add) = change.change {
                    administrator.members[change.population, default: 0] += Int(add.members)
                }
            default: break
            }
        }
        administrator.outstanding = nil
        planSteering()
    }

    private func drawChange() -> WireChangePopulation {
        let population = scenario.populations.randomElement(using: &random)!
        var change = newChange(of: population)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: change.pause = WirePause()
        case 1, 2: change.resume = WireResume()
        case 3: change.end = WireEnd()
        case 4: change.addMembers.members = 1
        case 5:
            change.removeMember.member = .random(in: 0..<UInt64(population.members), using: &random)
        default:
            change.settings.maxSteps = [0, 6, 12, 20].randomElement(using: &random) ?? 0
            change.settings.interval = .random(in: 1...3, using: &random)
            let fraction = [0.1, 0.25, 0.5].randomElement(using: &random) ?? 0.25
            change.settings.settings = [WireSetting("fraction", .number(fraction))]
        }
        return change
    }

    private func newChange(of population: SimulatedPopulation) -> WireChangePopulation {
        var change = WireChangePopulation()
        change.key = newKey()
        change.population = population.name
        return change
    }

    /// The populations are to go on, and to come to an end.
    func planHealing() {
        for population in scenario.populations {
            var end = newChange(of: population)
            end.settings.maxSteps = 20
            var resume = newChange(of: population)
            resume.resume = WireResume()
            var add = newChange(of: population)
            add.addMembers.members = 1
            let changes = population.grows ? [end, resume, add] : [end, resume]
            administrator.remaining.insert(
                contentsOf: changes.map { .changePopulation($0) }, at: 0)
        }
        planSteering()
    }
}
