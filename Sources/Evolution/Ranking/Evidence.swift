/// Whose measurements count in decisions (rule 2).
///
/// What a member measured counts while a worker trains it, and while it waits for one. When its worker
/// left or was lost, another one may come for it, or none: once its population has taken three reports
/// for each of its members since, it counts no more, until a worker is there again. Members that have
/// been away for so long are none of those that are counted.
///
/// Absences are kept in the order of the reports that the population had taken then, so that those that
/// are too old are the first ones, up to a boundary that moves by a few places a report.
struct Evidence: Sendable {
    private struct Absence {
        var since: Int
        var member: Int
    }

    /// How many reports for each member make evidence too old.
    static let lifetime = 3

    /// In their order. Some members have come back meanwhile.
    private var absences: [Absence] = []
    /// When each member went away last.
    private var last: [Int: Int] = [:]
    /// So many of the absences, the first ones, are too old.
    private var old = 0
    /// Whoever went away before so many reports does not count.
    private var begin = Int.min
    /// So many of the absences, the first ones, are too old by all members that there are: those before
    /// so many reports. Of them, so many have not come back.
    private var older = 0
    private var oldest = Int.min
    private var gone = 0

    /// - Parameter presence: a member's.
    func counts(_ presence: Presence) -> Bool {
        guard case .away(let since) = presence, !Hooks.present.countsLeavers else {
            return true
        }
        return since >= begin
    }

    mutating func wentAway(_ member: Int, since: Int) {
        if since < oldest { gone += 1 }
        // It may have been back meanwhile, for no report.
        if last.updateValue(since, forKey: member) == since { return }
        // In a journal that was damaged one may have gone away after the last report.
        let place = absences.lastIndex { $0.since <= since }.map { $0 + 1 } ?? 0
        absences.insert(Absence(since: since, member: member), at: place)
        if place < old { old += 1 }
        if place < older { older += 1 }
    }

    mutating func cameBack(_ member: Int, since: Int) {
        if since < oldest { gone -= 1 }
    }

    /// The members that may count otherwise than before.
    ///
    /// - Parameters:
    ///   - reports: how many the population has taken.
    ///   - remaining: members that were not removed and have not finished.
    mutating func age(reports: Int, remaining: Int, _ members: [Member]) -> [Int] {
        if absences.isEmpty { return [] }
        oldest = reports - Self.lifetime * max(1, remaining)
        while older < absences.count, absences[older].since < oldest {
            gone += isAway(absences[older], members) ? 1 : 0
            older += 1
        }
        while older > 0, absences[older - 1].since >= oldest {
            older -= 1
            gone -= isAway(absences[older], members) ? 1 : 0
        }
        begin = reports - Self.lifetime * max(1, remaining - gone)
        var changed: [Int] = []
        while old < absences.count, absences[old].since < begin {
            changed.append(absences[old].member)
            old += 1
        }
        while old > 0, absences[old - 1].since >= begin {
            old -= 1
            changed.append(absences[old].member)
        }
        return changed
    }

    private func isAway(_ absence: Absence, _ members: [Member]) -> Bool {
        members[absence.member].presence == .away(since: absence.since)
    }

    /// Forgets those that came back, when they are most of the list.
    ///
    /// - Parameter away: how many members are away.
    mutating func tidy(away: Int, _ members: [Member]) {
        guard absences.count > 2 * away + 64 else { return }
        let kept = absences.filter { isAway($0, members) }
        old = absences[..<old].count { isAway($0, members) }
        older = absences[..<older].count { isAway($0, members) }
        absences = kept
        last = Dictionary(absences.map { ($0.member, $0.since) }, uniquingKeysWith: { $1 })
    }
}
