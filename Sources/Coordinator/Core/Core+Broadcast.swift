import Messages

// What monitors see.
extension Core {
    /// A message of the broadcast.
    struct Publication: Sendable {
        var population: String
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

    /// The news since the last time, in as many messages as they fill.
    private mutating func nextLineage(_ index: Int) -> [Publication] {
        var pages: [WireLineage] = []
        var room = Page()
        for event in populations[index].news {
            if pages.isEmpty || !room.take(event) {
                room = Page()
                _ = room.take(event)
                var page = WireLineage()
                page.population = populations[index].name
                pages.append(page)
            }
            pages[pages.count - 1].events.append(event)
        }
        populations[index].news = []
        return pages.map { page in
            populations[index].lineages += 1
            return publication(
                "lineage", of: index, counter: populations[index].lineages, .lineage(page))
        }
    }

    private func publication(
        _ topic: String, of index: Int, counter: UInt64, _ body: WireBroadcast.OneOf_Body
    ) -> Publication {
        var message = WireBroadcast()
        message.epoch = epoch
        message.counter = counter
        message.committed = UInt64(sequence)
        message.body = body
        let name = populations[index].name
        return Publication(population: name, topic: "\(name)/\(topic)", message: message)
    }
}
