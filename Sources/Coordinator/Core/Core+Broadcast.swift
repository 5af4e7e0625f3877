import HeapModule
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
        while let next = boardsDue.min, next.time <= now.uptime {
            boardsDue.removeMin()
            let index = next.population
            // It was put forward since.
            guard populations[index].boardDue == next.time else { continue }
            if let board = nextBoard(index, isWanted) { publications.append(board) }
            publications += nextLineage(index, isWanted)
            populations[index].lastBoard = now.uptime
            populations[index].changed = false
            planBoard(of: index, at: now.uptime + settings.repetition)
        }
        // What comes next is what `timeToPublication` goes by.
        while let next = boardsDue.min, populations[next.population].boardDue != next.time {
            boardsDue.removeMin()
        }
        return publications
    }

    /// How long until a board can be due.
    func timeToPublication(at now: Moment) -> Duration {
        let next = boardsDue.min.map { max(.zero, $0.time - now.uptime) }
        return min(next ?? settings.repetition, settings.repetition)
    }

    /// Puts the board of a population forward that changed.
    mutating func noteChange(of population: Int) {
        guard !populations[population].changed else { return }
        populations[population].changed = true
        guard let last = populations[population].lastBoard else { return }
        let due = last + settings.tick
        if due < populations[population].boardDue { planBoard(of: population, at: due) }
    }

    mutating func planBoard(of population: Int, at time: Duration) {
        populations[population].boardDue = time
        boardsDue.insert(BoardDue(time: time, population: population))
    }

    private mutating func nextBoard(
        _ index: Int, _ isWanted: (String) -> Bool
    ) -> Publication? {
        populations[index].boards += 1
        let topic = "\(populations[index].name)/leaderboard"
        guard isWanted(topic) else { return nil }
        let board = serializedBoard(of: populations[index], limit: settings.boardSize)
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

/// When a population's board is due. One that is put forward leaves its former place behind.
struct BoardDue: Comparable, Sendable {
    var time: Duration
    var population: Int

    static func < (left: BoardDue, right: BoardDue) -> Bool {
        (left.time, left.population) < (right.time, right.population)
    }
}
