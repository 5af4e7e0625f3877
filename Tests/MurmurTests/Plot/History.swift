import Foundation

@testable import Histories
@testable import Murmuration
@testable import Plotting

/// Foundation has one too.
typealias Dimension = Population.Dimension

/// Makes the events of a population by hand.
struct History {
    private(set) var events: [Event] = []
    private var numbers: [Int: Int] = [:]

    mutating func report(
        _ member: Int, _ step: Int, _ score: Double, _ hyperparameters: Hyperparameters = [:],
        checkpoint: Bool = true, metrics: [String: Double] = [:], declined: Bool = false,
        exploit: Event.Exploit? = nil
    ) {
        numbers[member, default: 0] += 1
        add(
            member,
            .reported(
                Event.Report(
                    number: numbers[member, default: 0], step: step, score: score,
                    checkpoint: checkpoint ? "c" : nil, hyperparameters: hyperparameters,
                    metrics: metrics.map { Event.Metric(name: $0.key, value: $0.value) },
                    declined: declined, standing: nil, exploit: exploit)))
    }

    mutating func add(_ member: Int, _ kind: Event.Kind) {
        events.append(
            Event(
                sequence: UInt64(events.count + 1), time: Date(timeIntervalSince1970: 0),
                member: member, kind: kind))
    }

    /// Of what the donor reported last.
    func exploit(
        of donor: Int, step: Int, score: Double, explored: Hyperparameters = [:]
    ) -> Event.Exploit {
        Event.Exploit(
            donor: donor, donorReport: numbers[donor, default: 0], step: step, score: score,
            checkpoint: "c", donorHyperparameters: [:], hyperparameters: explored, operations: [])
    }

    func track(
        _ member: Int, space: [Dimension] = [], metric: String? = nil
    ) -> Track {
        var tracks = Tracks(members: [member], space: PlottedSpace(space), metric: metric)
        for event in events { tracks.add(event) }
        return tracks[member]
    }

    func picture(
        space: [Dimension] = [], minimize: Bool = false, metric: String? = nil,
        title: String? = nil
    ) -> Picture {
        var standings = Standings()
        for event in events { standings.add(event) }
        let order = standings.order(minimize: minimize)
        let drawn = LineChoice.places(of: order.count)
        var tracks = Tracks(
            members: drawn.map { order[$0].member }, space: PlottedSpace(space), metric: metric,
            last: standings.last)
        for event in events { tracks.add(event) }
        return Picture(
            of: .toy(space: space, minimize: minimize), standings: standings, order: order,
            drawn: drawn, tracks: tracks, metric: metric, title: title)
    }
}

extension Population {
    static func toy(space: [Dimension], minimize: Bool) -> Population {
        Population(
            name: "toy", members: 0, status: .active, minimize: minimize, settings: Settings(),
            seed: 0, grows: false, finished: 0, training: 0, lost: 0,
            removed: 0, reports: 0, exploits: 0, space: space)
    }
}

extension Dimension {
    static func make(_ name: String, _ kind: Kind = .number, log: Bool = false) -> Dimension {
        Dimension(name: name, kind: kind, min: nil, max: nil, log: log)
    }
}
