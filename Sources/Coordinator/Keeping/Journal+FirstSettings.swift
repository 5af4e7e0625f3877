import Evolution
import Journal
import Records

extension Journal {
    private static let eventsPerPage = 1000

    /// What those settings of a population had at first that were changed since. Each event that changed
    /// one is there, also where others were pruned.
    func firstSettings(of population: Int) throws(JournalError) -> SettingValues {
        var first = SettingValues()
        var last = 0
        while true {
            let page = try memberlessEvents(
                of: population, after: last, limit: Self.eventsPerPage)
            guard let end = page.last?.sequence else { return first }
            last = end
            for record in page { first.addFirst(of: record.event) }
        }
    }
}

extension SettingValues {
    /// Adds what an event says that settings had before it, if none did that came before.
    mutating func addFirst(of event: Event) {
        guard case .changed(let before, _) = event.kind else { return }
        for (name, value) in before.pairs where !contains(name) { self[name] = value }
    }
}
