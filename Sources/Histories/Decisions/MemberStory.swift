import Murmuration

/// What happened to one member that decided how it went on, oldest first.
package struct MemberStory {
    package enum Chapter: Equatable {
        case began(Hyperparameters)
        case decision(Decision)
        /// Its checkpoint could not be loaded, and it went back to a step.
        case wentBack(to: Int, reason: String)
        case rescued(Rescue)
        /// Nothing could be loaded.
        case startedAnew(reason: String)
        case removed
        case changed(before: Population.Settings, after: Population.Settings)
    }

    /// A report, and what became of it.
    package struct Decision: Equatable {
        package var report: Event.Report
        /// Its generation closed, and it was not among those that copied.
        package var closed: Event.GenerationClosed?
        /// What it should have been trained with, where the worker had set something else.
        package var assigned = Hyperparameters()
        package var aftermath = Aftermath.pending
    }

    /// Its checkpoint could not be loaded and there was none before, so that it copied another
    /// member.
    package struct Rescue: Equatable {
        package var exploit: Event.Exploit
        package var reason: String
        package var aftermath = Aftermath.pending
    }

    /// What became of an exploit.
    package enum Aftermath: Equatable {
        /// Nothing was reported since.
        case pending
        case takenOver
        case declined(reason: String)
    }

    package private(set) var chapters: [Chapter] = []
    private var member: PastMember
    /// What it trains with; `nil` when that is not known.
    private var assigned: Hyperparameters?
    /// The place of the last copy, while nothing is known of what became of it.
    private var open: Int?

    /// - Parameter events: the member's and the population's own, oldest first.
    package init(of id: Int, events: [Event]) {
        member = PastMember(id)
        for event in events { add(event) }
    }

    private mutating func add(_ event: Event) {
        switch event.kind {
        case .created(let hyperparameters):
            chapters.append(.began(hyperparameters))
            assigned = hyperparameters
        case .reported(let report):
            add(report)
        case .declined(let reason, let fallback):
            let isCopy = open != nil
            close(.declined(reason: reason))
            assigned = event.exploit?.hyperparameters
            member.apply(event)
            switch fallback {
            // It goes on from its own state, as if it had not copied.
            case .previous where isCopy: break
            case .previous: chapters.append(.wentBack(to: member.committedStep, reason: reason))
            case .donor(let exploit):
                chapters.append(.rescued(Rescue(exploit: exploit, reason: reason)))
                open = chapters.count - 1
            case .start: chapters.append(.startedAnew(reason: isCopy ? "" : reason))
            }
            return
        case .removed:
            chapters.append(.removed)
        case .changed(let before, let after):
            // What was before it, or after it, is not its story.
            guard !chapters.isEmpty, chapters.last != .removed else { return }
            chapters.append(.changed(before: before, after: after))
        case .exploited(let exploited):
            decide(exploited)
        case .generationClosed(let closed):
            return close(closed)
        case .leased, .released, .paused, .resumed, .ended:
            break
        }
        member.apply(event)
    }

    private mutating func add(_ report: Event.Report) {
        close(report.declined ? .declined(reason: "") : .takenOver)
        var decision = Decision(report: report)
        if let assigned, !report.declined {
            for (name, value) in assigned where report.hyperparameters[name] != value {
                decision.assigned[name] = value
            }
        }
        chapters.append(.decision(decision))
        if report.exploit != nil { open = chapters.count - 1 }
        assigned = report.exploit?.hyperparameters ?? report.hyperparameters
    }

    /// Its generation closed: unless it is said next that it copies, it goes on.
    private mutating func close(_ closed: Event.GenerationClosed) {
        guard let place = chapters.lastIndex(where: { $0.generation == closed.generation }),
            case .decision(var decision) = chapters[place]
        else { return }
        decision.closed = closed
        chapters[place] = .decision(decision)
    }

    private mutating func decide(_ exploited: Event.Exploited) {
        guard let place = chapters.lastIndex(where: { $0.generation == exploited.generation }),
            case .decision(var decision) = chapters[place]
        else { return }
        decision.report.standing = exploited.standing
        decision.report.exploit = exploited.exploit
        decision.report.verdict = exploited.verdict
        decision.closed = nil
        chapters[place] = .decision(decision)
        open = place
        assigned = exploited.exploit.hyperparameters
    }

    private mutating func close(_ aftermath: Aftermath) {
        guard let place = open else { return }
        switch chapters[place] {
        case .decision(var decision):
            decision.aftermath = aftermath
            chapters[place] = .decision(decision)
        case .rescued(var rescue):
            rescue.aftermath = aftermath
            chapters[place] = .rescued(rescue)
        case .began, .wentBack, .startedAnew, .removed, .changed: break
        }
        open = nil
    }
}

extension MemberStory.Chapter {
    /// The generation that its report counts for.
    fileprivate var generation: Int? {
        if case .decision(let decision) = self { decision.report.generation } else { nil }
    }
}
