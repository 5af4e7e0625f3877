import Histories
import Messages
import Murmuration

/// Which members' runs are written: at most so many, since each is a folder with two files, and
/// TensorBoard draws a curve for each.
///
/// They are chosen once, so that no curve comes or goes while somebody looks.
struct WrittenMembers {
    private let most: Int?
    /// How many there were to choose from.
    private let members: Int
    private var chosen: Set<Int>
    /// Others that something happened to.
    private var others: Set<Int> = []
    /// There were more than so many, so that nobody else is chosen before it reports.
    private let isChoosy: Bool

    /// As many as are written when nothing is said.
    static let standard = 1000

    /// - Parameters:
    ///   - most: `nil` for any number.
    ///   - members: how many there are and were.
    ///   - best: the best ones now, when there are more than may be written.
    init(most: Int?, of members: Int, best: [Int] = []) {
        self.most = most
        self.members = members
        isChoosy = most.map { members > $0 } ?? false
        chosen = isChoosy ? Set(best) : []
    }

    /// What is said of those that are left out; `nil` while all are written.
    var limit: String? {
        guard let most, isChoosy || !others.isEmpty else { return nil }
        let all = isChoosy ? members : chosen.count + others.count
        let which = (isChoosy ? "best" : "first") + (most == 1 ? " is" : " are")
        return """
            Of \(NumberText.count(all)) members, only the \(NumberText.count(most)) \
            \(which) written; --members all writes all.
            """
    }

    /// Whether an event is of one of them. Whoever comes later is one as long as there is room.
    mutating func has(_ event: Event) -> Bool {
        guard let most, let member = event.member, !chosen.contains(member) else { return true }
        guard chosen.count < most, !isChoosy || event.report != nil else {
            others.insert(member)
            return false
        }
        others.remove(member)
        chosen.insert(member)
        return true
    }
}

extension Questions {
    /// Which members of a population to write.
    func writtenMembers(of population: Population, most: Int?) async throws -> WrittenMembers {
        let members = population.members + population.removed
        guard let most, members > most else { return WrittenMembers(most: most, of: members) }
        var best: [Int] = []
        while best.count < most {
            let page = try await leaderboard(
                of: population.name, offset: best.count,
                limit: min(most - best.count, Limits.entriesPerPage))
            guard !page.entries.isEmpty else { break }
            best += page.entries.map(\.member)
        }
        return WrittenMembers(most: most, of: members, best: best)
    }
}
