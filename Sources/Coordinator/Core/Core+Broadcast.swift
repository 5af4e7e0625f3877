import Messages

// What monitors see.
extension Core {
    /// A message of the broadcast.
    package struct Publication: Sendable {
        package var population: String
        package var topic: String
        /// The frame of a Broadcast.
        package var frame: [UInt8]
    }

    /// The boards and the lineage that are due. Everything in them must be committed by now.
    ///
    /// What nobody gets is counted, as whoever comes later must see that something was missed, but
    /// not made.
    ///
    /// - Parameter isWanted: whether anybody gets the messages of a topic.
    mutating func publications(
        at now: Moment, isWanted: (_ topic: String) -> Bool = { _ in true }
    ) -> [Publication] {
        var publications: [Publication] = []
        for index in populations.indices {
            let elapsed = populations[index].lastBoard.map { now.uptime - $0 } ?? .seconds(3600)
            let due = populations[index].changed ? settings.tick : settings.repetition
            guard elapsed >= due else { continue }
            if let board = nextBoard(index, isWanted) { publications.append(board) }
            publications += nextLineage(index, isWanted)
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

    private mutating func nextBoard(
        _ index: Int, _ isWanted: (String) -> Bool
    ) -> Publication? {
        populations[index].boards += 1
        let topic = "\(populations[index].name)/leaderboard"
        guard isWanted(topic) else { return nil }
        let board = board(of: populations[index], offset: 0, limit: settings.boardSize)
        return publication(
            topic, of: index, counter: populations[index].boards, WireBroadcast.field(board))
    }

    /// Who copied whom since the last time, in as many messages as they fill. Those that nobody gets count
    /// as one.
    private mutating func nextLineage(
        _ index: Int, _ isWanted: (String) -> Bool
    ) -> [Publication] {
        guard !populations[index].lineage.isEmpty else { return [] }
        defer { populations[index].lineage = [] }
        let name = populations[index].name
        let topic = "\(name)/lineage"
        guard isWanted(topic) else {
            populations[index].lineages += 1
            return []
        }
        let space = populations[index].specification.space
        var pages: [[[UInt8]]] = []
        var room = Page()
        for record in populations[index].lineage {
            let event = WireEvent(record, space: space).bytes
            if pages.isEmpty || !room.take(serialized: event) {
                room = Page()
                _ = room.take(serialized: event)
                pages.append([])
            }
            pages[pages.count - 1].append(event)
        }
        return pages.map { events in
            populations[index].lineages += 1
            return publication(
                topic, of: index, counter: populations[index].lineages,
                WireBroadcast.field(newsOf: name, events: events))
        }
    }

    private func publication(
        _ topic: String, of index: Int, counter: UInt64, _ body: [UInt8]
    ) -> Publication {
        let frame = WireBroadcast.frame(
            epoch: epoch, counter: counter, committed: UInt64(sequence), body: body)
        return Publication(population: populations[index].name, topic: topic, frame: frame)
    }
}
