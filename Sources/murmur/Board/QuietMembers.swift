/// Finds members that train, and of which no report has come for far longer than one takes: what
/// trains them may hang.
///
/// It goes by what was seen of a board, and says nothing before it has seen how long reports take.
struct QuietMembers: Sendable {
    /// Those of the board that train.
    private var members: [Int: Seen] = [:]
    private var last: (reports: Int, since: Duration)?
    /// From one report of a member to the next, on average of late.
    private var usual: Duration?

    private struct Seen {
        var entry: BoardView.Entry
        var since: Duration
    }

    /// What is shorter is no time to worry about.
    private static let least = Duration.seconds(60)
    /// As many times the usual time is long.
    private static let factor = 10.0
    /// A new time counts so much of the average.
    private static let weight = 0.1

    mutating func observe(_ view: BoardView, at now: Duration) {
        guard view.status == .active else {
            // A pause is no silence.
            members = [:]
            last = nil
            return
        }
        if view.training == 0 || view.reports != last?.reports { last = (view.reports, now) }
        var present: [Int: Seen] = [:]
        for entry in view.entries where entry.state == .training {
            let seen = members[entry.member]
            if let seen, !entry.isOfAnotherReport(than: seen.entry) {
                present[entry.member] = seen
            } else {
                if let seen { learn(now - seen.since) }
                present[entry.member] = Seen(entry: entry, since: now)
            }
        }
        members = present
    }

    private mutating func learn(_ time: Duration) {
        usual = usual.map { $0 + (time - $0) * Self.weight } ?? time
    }

    /// - Returns: `nil` while reports come as usual.
    func quiet(_ view: BoardView, at now: Duration) -> BoardView.Quiet? {
        guard let usual, view.training > 0 else { return nil }
        let long = max(Self.least, usual * Self.factor)
        // In a generation members wait for the last one of it, without a report of their own.
        let found =
            view.generation == nil ? members.filter { now - $0.value.since >= long } : [:]
        if let longest = found.values.map({ now - $0.since }).max() {
            return BoardView.Quiet(members: found.keys.sorted(), time: longest)
        }
        // It may be one that is not on the board.
        guard let last, now - last.since >= long else { return nil }
        return BoardView.Quiet(time: now - last.since)
    }
}

extension BoardView.Entry {
    fileprivate func isOfAnotherReport(than other: Self) -> Bool {
        step != other.step || score.bitPattern != other.score.bitPattern
            || isInherited != other.isInherited || donor != other.donor
    }
}
