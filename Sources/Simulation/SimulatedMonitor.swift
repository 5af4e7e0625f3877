import Messages

/// A population's monitor: it shows the newest board, and asks for the events of lineage that it
/// missed.
struct SimulatedMonitor {
    let population: String
    var client = 0
    var connection = 0
    var alarm = 0
    private(set) var board: WireLeaderboard?
    private var newest: (epoch: UInt64, counter: UInt64) = (0, 0)
    /// The events of lineage that it knows, by their places in the journal.
    private(set) var lineage: Set<UInt64> = []
    /// All up to here are known.
    private(set) var complete: UInt64 = 0
    /// What it asked for and has no answer to.
    var asked: UInt64?

    init(population: String) { self.population = population }

    mutating func show(_ message: WireBroadcast) {
        switch message.body {
        case .leaderboard(let board):
            guard (message.epoch, message.counter) > newest else { return }
            newest = (message.epoch, message.counter)
            self.board = board
        case .lineage(let page): lineage.formUnion(page.events.map(\.sequence))
        case nil: break
        }
    }

    mutating func take(_ history: WireHistory) {
        for event in history.events {
            complete = max(complete, event.sequence)
            switch event.kind {
            case .reported(let reported) where reported.hasExploit || reported.declined:
                lineage.insert(event.sequence)
            case .declined, .exploited: lineage.insert(event.sequence)
            default: break
            }
        }
    }
}

// What monitors do.
extension Simulation {
    func connectMonitor(_ number: Int) {
        monitors[number].client = newClient()
        monitors[number].connection = connect(.monitor(number))
        plan(.alarm(.monitor(number), 0), after: .seconds(1))
    }

    func show(_ frame: [UInt8], to number: Int) {
        guard let message = WireBroadcast(bytes: frame) else { return }
        monitors[number].show(message)
    }

    /// Asks for what came since, every few seconds.
    func wakeMonitor(_ number: Int, _ alarm: Int) throws {
        try askForHistory(number)
        plan(.alarm(.monitor(number), alarm), after: .seconds(2))
    }

    private func askForHistory(_ number: Int) throws {
        var page = WireGetHistory()
        page.population = monitors[number].population
        page.after = monitors[number].complete
        page.limit = 100
        let request = newRequest(.getHistory(page))
        monitors[number].asked = request.id
        try send(request, by: monitors[number].client, from: monitors[number].connection)
    }

    func takeHistory(_ reply: WireReply, _ number: Int) throws {
        guard reply.id == monitors[number].asked, case .history(let history) = reply.body else {
            return
        }
        monitors[number].asked = nil
        monitors[number].take(history)
        if history.more { try askForHistory(number) }
    }
}
