import Foundation
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

/// Synchronous populations, as they are shown.
struct GenerationTests {
    /// Two generations of five: in the first one member 0 copies member 4.
    private static let past: PastEvents = {
        var past = PastEvents(members: 5)
        var donor: Event.Report?
        for member in (0..<5).reversed() {
            let report = past.report(
                member, step: 10, score: Double(member), rank: (5 - member, 5),
                copies: member == 0 ? donor : nil, of: 4)
            if member == 4 { donor = report }
        }
        past.report(1, step: 20, score: 9)
        past.report(0, step: 20, score: 8, rate: 0.08)
        return past
    }()

    /// The same as it happens in a synchronous population: what was decided on the reports is said
    /// when their generation closes.
    private static let later: PastEvents = {
        var later = PastEvents(members: 5)
        var copies: [(Int, Event.Exploited)] = []
        var reports = 0
        for event in past.events {
            guard var report = event.report, let member = event.member else { continue }
            report.generation = reports / 5 + 1
            if let exploit = report.exploit, let standing = report.standing {
                copies.append(
                    (
                        member,
                        Event.Exploited(
                            generation: 1, report: report.number, step: report.step,
                            score: report.score, standing: standing, exploit: exploit)
                    ))
            }
            report.exploit = nil
            report.standing = nil
            later.add(.reported(report), of: member)
            reports += 1
            guard reports == 5 else { continue }
            later.add(
                .generationClosed(
                    Event.GenerationClosed(generation: 1, reported: 5, isByDeadline: false)))
            for (member, copy) in copies { later.add(.exploited(copy), of: member) }
        }
        return later
    }()

    private static var synchronous: Population {
        var population = population()
        population.synchronous = true
        population.generation = 7
        population.generationReported = 3
        return population
    }

    @Test func `A copy leads to the same lines and the same descent, whenever it was decided`()
        throws
    {
        func track(_ past: PastEvents, _ member: Int) -> Track {
            var tracks = Tracks(
                members: [member], space: PlottedSpace(Self.synchronous.space), metric: nil)
            for event in past.events { tracks.add(event) }
            return tracks[member]
        }
        #expect(track(Self.later, 0).takeovers.count == 1)
        for member in 0..<5 {
            #expect(track(Self.later, member) == track(Self.past, member))
        }
        var (one, other) = (Descent(), Descent())
        for event in Self.past.events { try one.add(event) }
        for event in Self.later.events { try other.add(event) }
        #expect(other.exploits == 1)
        #expect(one.states.map(\.base) == other.states.map(\.base))
        #expect(try one.holders == other.holders)
        var standings = Standings()
        for event in Self.later.events { standings.add(event) }
        #expect(standings.exploits == 1)
    }

    @Test func `Why a member copied is told when its generation has closed`() {
        func told(_ events: [Event], of member: Int) -> [String] {
            let own = events.filter { $0.member == nil || $0.member == member }
            return MemberStory(of: member, events: own).chapters
                .map { Explanation(population: Self.synchronous).paragraph($0) }
        }
        let events = Self.later.events
        let close = events.firstIndex { $0.name == "generation_closed" } ?? 0
        #expect(
            told(Array(events[..<close]), of: 0).last
                == "Step 10 (report 1): scored 0. It waits for generation 1 to close.")
        #expect(
            told(events, of: 0)[1] == """
                Step 10 (report 1): scored 0, rank 5 of 5. It copied \
                member 4 (4 at step 10): rate 0.1 → 0.08 (perturbed, × 0.8).
                """)
        #expect(
            told(events, of: 0)[2]
                == "Step 20 (report 2): scored 8. It waits for generation 2 to close.")
        #expect(
            told(events, of: 3)[1] == """
                Step 10 (report 1): scored 3. Generation 1 closed with 5 reports, and it was not \
                among those that copy. So it went on.
                """)
    }

    @Test func `The history has what was decided on a report beside it`() {
        var copies = LaterCopies()
        for event in Self.later.events { copies.add(event) }
        let completed = Self.later.events.compactMap { event in
            event.report.map { copies.completing($0, of: event.member) }
        }
        let expected = Self.past.events.compactMap(\.report)
        #expect(completed.map(\.exploit) == expected.map(\.exploit))
        #expect(completed.count { $0.standing != nil } == 1)
        let summaries = Self.later.events.map(\.summary)
        #expect(summaries.contains("reported 3 for generation 1 at step 10") == false)
        #expect(summaries.contains("reported 3 at step 10 for generation 1"))
        #expect(summaries.contains("generation 1 closed with 5 members"))
        #expect(summaries.contains("copies 4, rank 5 of 5 when generation 1 closed"))
        let json = Self.later.events.suffix(4).map(\.json)
        #expect(json[0].contains(#""event":"generation_closed""#))
        #expect(json[0].contains(#""generation":1,"reported":5"#))
        #expect(
            json[1].contains(#""event":"exploited","exploit":{"checkpoint":"/c/4-10","donor":4"#))
        #expect(json[1].contains(#""generation":1,"member":0,"rank":5,"ranked":5,"report":1"#))
    }

    @Test func `A copy is news, whenever it was decided`() throws {
        let event = try #require(Self.later.events.first { $0.exploit != nil })
        let copy = try #require(BoardView.Copy(event, age: .zero))
        #expect((copy.member, copy.donor, copy.step) == (0, 4, 10))
        #expect((copy.score, copy.donorScore) == (0, 4))
        let closed = try #require(Self.later.events.first { $0.name == "generation_closed" })
        #expect(BoardView.Copy(closed, age: .zero) == nil)
    }

    @Test func `Boards and the list say how far the generation is`() {
        var view = BoardView(population: "digits", members: 16)
        #expect(!PlainBoard.text(view).contains("generation"))
        view.generation = BoardView.Generation(number: 7, reported: 12)
        #expect(PlainBoard.text(view).contains("generation 7: 12/16 reported"))
        let renderer = BoardRenderer(width: 80, height: 24, colour: false, glyphs: .unicode)
        #expect(renderer.lines(view).map(\.text).contains("generation 7: 12/16 reported"))

        var plain = population()
        #expect(!List.table([plain]).headings.contains("generation"))
        plain.name = "plain"
        let table = List.table([plain, Self.synchronous])
        let column = table.headings.firstIndex(of: "generation")
        #expect(column.map { index in table.rows.map { $0[index] } } == ["-", "7: 3/5 reported"])
    }

    @Test(arguments: ["0", "-1", "nan", "inf"])
    func `A deadline is a positive time`(text: String) {
        let arguments = ["create", "p", "--space", "s", "--generation-deadline=\(text)"]
        #expect(throws: (any Error).self) { _ = try Murmur.parseAsRoot(arguments) }
    }

    @Test func `Generations are options of a run, which it goes on with`() throws {
        let parsed = try Murmur.parseAsRoot(
            ["run", "--space", "s", "--synchronous", "--generation-deadline", "90", "--", "true"])
        let run = try #require(parsed as? Run)
        #expect(run.population.settings == ["generation_deadline": 90.0, "mode": "synchronous"])
        let old = RunRecord.Options(name: "p", command: ["true"])
        var new = old
        new.settings = run.population.settings
        #expect(
            old.differences(to: new) == [
                "no --mode (now --mode synchronous)",
                "no --generation-deadline (now --generation-deadline 90.0)",
            ])
    }
}
