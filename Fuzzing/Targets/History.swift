import Foundation
import Messages

@testable import Histories
@testable import Murmuration
@testable import Plotting
@testable import murmur

/// What a hostile coordinator tells of a population's past, in every form that the command line has
/// for it. A message is a reply: a population, or a page of its history.
func fuzzHistory(_ bytes: [UInt8]) throws {
    var population = Population(WirePopulation())
    var events: [Event] = []
    for (frame, _) in Session(bytes) {
        guard let reply = try? WireReply(frame: frame) else { continue }
        switch reply.body {
        case .population(let wire): population = Population(wire)
        case .history(let page): events += page.events.compactMap(Event.init)
        default: break
        }
    }
    guard !events.isEmpty else { return }
    print(events)
    explain(events, of: population)
    drawDescent(events)
    drawPicture(events, of: population)
}

private func print(_ events: [Event]) {
    var (reports, all) = (ReportTable(), EventTable())
    var columns = ReportColumns(hyperparameters: [])
    var copies = LaterCopies()
    for event in events {
        _ = event.json
        _ = all.line(event)
        copies.add(event)
        guard let report = event.report else { continue }
        _ = reports.line(event, copies.completing(report, of: event.member))
        guard (try? columns.include(report)) != nil else { continue }
        _ = columns.row(event, copies.completing(report, of: event.member))
    }
    _ = columns.header
}

private func explain(_ events: [Event], of population: Population) {
    let explanation = Explanation(population: population)
    for member in Set(events.compactMap(\.member)).prefix(4) {
        let own = events.filter { $0.member == nil || $0.member == member }
        for chapter in MemberStory(of: member, events: own).chapters {
            _ = Paragraph.lines(explanation.paragraph(chapter), width: 80)
        }
    }
}

private func drawDescent(_ events: [Event]) {
    // A history that contradicts itself is refused with a sentence.
    guard
        let stretches = try? {
            var descent = Descent()
            for event in events { try descent.add(event) }
            return try Stretches(descent, of: "p", minimize: false, isWhole: true)
        }()
    else { return }
    _ = stretches.json
    _ = stretches.dot
    _ = DescentTree(stretches, isWhole: false, width: 80).lines()
}

private func drawPicture(_ events: [Event], of population: Population) {
    var standings = Standings()
    for event in events { standings.add(event) }
    guard standings.reports > 0 else { return }
    let order = standings.order(minimize: population.minimize)
    let drawn = LineChoice.places(of: order.count)
    for metric in [nil, standings.metrics.min()] {
        var tracks = Tracks(
            members: drawn.map { order[$0].member }, space: PlottedSpace(population.space),
            metric: metric, last: standings.last)
        for event in events { tracks.add(event) }
        let picture = Picture(
            of: population, standings: standings, order: order, drawn: drawn, tracks: tracks,
            metric: metric, title: nil)
        _ = picture.svg()
    }
}
