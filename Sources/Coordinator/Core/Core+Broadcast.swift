import Messages

// What monitors see.
extension Core {
    /// A message of the broadcast.
    struct Publication: Sendable {
        var topic: String
        var message: WireBroadcast
    }

    /// The boards and news that are due. Everything in them must be committed by now.
    mutating func publications(at now: Moment) -> [Publication] {
        var publications: [Publication] = []
        for index in populations.indices {
            let elapsed = populations[index].lastBoard.map { now.uptime - $0 } ?? .seconds(3600)
            let due = populations[index].changed ? settings.tick : settings.repetition
            guard elapsed >= due else { continue }
            publications.append(nextBoard(index))
            publications += nextLineage(index)
            populations[index].lastBoard = now.uptime
            populations[index].changed = false
        }
        return publications
    }

    /// How long until a board can be due.
    func timeToPublication(at now: Moment) -> Duration {
        var time = settings.repetition
        for hosted in populations {
            let due = hosted.changed ? settings.tick : settings.repetition
            let elapsed = hosted.lastBoard.map { now.uptime - $0 } ?? due
            time = min(time, max(.zero, due - elapsed))
        }
        return time
    }

    private mutating func nextBoard(_ index: Int) -> Publication {
        populations[index].boards += 1
        return publication(
            "leaderboard", of: index, counter: populations[index].boards,
            .leaderboard(
                board(of: populations[index], offset: 0, limit: settings.boardSize)))
    }

    /// The news since the last time, in messages of a bounded size.
    private mutating func nextLineage(_ index: Int) -> [Publication] {
        var publications: [Publication] = []
        var lineage = WireLineage()
        var size = 0
        func isFull(with event: WireEvent) -> Bool {
            size + event.size > Limits.pageBytes && !lineage.events.isEmpty
        }
        func close(_ core: inout Core) {
            lineage.population = core.populations[index].name
            core.populations[index].lineages += 1
            publications.append(
                core.publication(
                    "lineage", of: index, counter: core.populations[index].lineages,
                    .lineage(lineage)))
            lineage = WireLineage()
            size = 0
        }
        for event in populations[index].news {
            if isFull(with: event) { close(&self) }
            lineage.events.append(event)
            size += event.size
        }
        if !lineage.events.isEmpty { close(&self) }
        populations[index].news = []
        return publications
    }

    private func publication(
        _ topic: String, of index: Int, counter: UInt64, _ body: WireBroadcast.OneOf_Body
    ) -> Publication {
        var message = WireBroadcast()
        message.epoch = epoch
        message.counter = counter
        message.committed = UInt64(sequence)
        message.body = body
        return Publication(topic: "\(populations[index].name)/\(topic)", message: message)
    }
}
