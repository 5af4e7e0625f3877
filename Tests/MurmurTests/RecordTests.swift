import Foundation
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

/// History and schedules in the formats that other programs read.
struct RecordTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"a\"", "\"say \"\"a\"\"\""),
        ("two\nlines", "\"two\nlines\""), ("cr\r", "\"cr\r\""), (" spaces ", " spaces "),
    ])
    func `A cell is quoted when it must be`(text: String, cell: String) {
        #expect(CSVRow(["1", text]).line == "1," + cell)
    }

    @Test(arguments: [
        0.1 + 0.2, 5e-300, -0.0, 1e300, 123_456_789.123_456_78, 5, .infinity, -.infinity,
    ])
    func `A number reads back exactly`(number: Double) {
        var row = CSVRow()
        row.add(number)
        #expect(Double(row.line)?.bitPattern == number.bitPattern)
    }

    @Test func `NaN is nan, and what there is none of is an empty cell`() {
        var row = CSVRow()
        row.add(Double.nan)
        row.add(nil as Double?)
        row.add(nil as Int?)
        row.add(nil as HyperparameterValue?)
        row.add(.flag(true))
        #expect(row.line == "nan,,,,true")
    }

    @Test func `Reports have a column for each metric and hyperparameter that any has`() throws {
        var past = PastEvents(members: 2)
        let donor = past.report(0, step: 10, score: 0.5)
        past.report(1, step: 10, score: .nan, rank: (2, 2), copies: donor)
        var columns = ReportColumns(hyperparameters: ["rate"])
        var rows = past.events.compactMap { event in event.report.map { (event, $0) } }
        rows[1].1.metrics = [.init(name: "loss, held out", value: 0.25)]
        for (_, report) in rows { try columns.include(report) }
        #expect(
            columns.header == """
                sequence,time,member,report,step,score,checkpoint,declined,rank,ranked,place,placed,\
                "metric.loss, held out",hyperparameter.rate,donor,donor_report,donor_step,\
                donor_score,donor_checkpoint,next.rate,operation.rate
                """)
        #expect(
            rows.map { columns.row($0.0, $0.1) } == [
                "3,2023-11-14T22:13:20.003Z,0,1,10,0.5,/c/0-10,0,,,,,,0.1,,,,,,,",
                "4,2023-11-14T22:13:20.004Z,1,1,10,nan,/c/1-10,0,2,2,,,0.25,0.1,"
                    + "0,1,10,0.5,/c/0-10,0.08,perturbed",
            ])
    }

    @Test func `More columns than a table has are refused`() {
        var columns = ReportColumns(hyperparameters: [])
        var past = PastEvents(members: 1)
        var report = past.report(0, step: 1, score: 1)
        report.metrics = (0...ReportColumns.most).map { .init(name: "\($0)", value: 0) }
        #expect(throws: Failure.self) { try columns.include(report) }
    }

    @Test func `An event is an object on a line`() throws {
        var past = PastEvents(members: 1)
        past.add(.leased(worker: "host\u{9B}/0\n"), of: 0)
        past.report(0, step: 10, score: -.infinity)
        past.add(
            .changed(before: ["max_steps": 0], after: ["max_steps": 20, "burn_in": 3]))
        #expect(
            past.events.map(\.json) == [
                """
                {"event":"created","hyperparameters":{"rate":0.1},"member":0,"sequence":1,\
                "time":"2023-11-14T22:13:20.001Z"}
                """,
                """
                {"event":"leased","member":0,"sequence":2,"time":"2023-11-14T22:13:20.002Z",\
                "worker":"host\\u009b/0\\n"}
                """,
                """
                {"checkpoint":"/c/0-10","event":"reported","hyperparameters":{"rate":0.1},\
                "member":0,"report":1,"score":"-inf","sequence":3,"step":10,\
                "time":"2023-11-14T22:13:20.003Z"}
                """,
                """
                {"after":{"burn_in":3,"max_steps":20},"before":{"max_steps":0},\
                "event":"changed","sequence":4,"time":"2023-11-14T22:13:20.004Z"}
                """,
            ])
    }

    @Test func `What a member goes on from that could not load its checkpoint is a sentence`() {
        var past = PastEvents(members: 4)
        let donor = past.report(1, step: 40, score: 0.5)
        past.report(3, step: 10, score: 0.25)
        past.add(.declined(reason: "no such file", fallback: .previous), of: 3)
        past.rescue(3, reason: "no such file", copies: donor, of: 1)
        past.add(.declined(reason: "", fallback: .start), of: 3)
        let declined = past.events.suffix(3)
        #expect(
            declined.map(\.fallbackSentence) == [
                "member 3 could not load its checkpoint (no such file) and goes back to the one "
                    + "before",
                "member 3 could not load its checkpoint (no such file) and goes on from member "
                    + "1's at step 40",
                "member 3 could not load its checkpoint and starts anew",
            ])
        #expect(past.events.dropLast(3).allSatisfy { $0.fallbackSentence == nil })
        for event in declined {
            var table = EventTable()
            #expect(table.line(event).contains("     3  could not load its checkpoint"))
        }
        #expect(
            declined.map(\.json) == [
                """
                {"event":"declined","fallback":"previous","member":3,"reason":"no such file",\
                "sequence":7,"time":"2023-11-14T22:13:20.007Z"}
                """,
                """
                {"event":"declined","exploit":{"checkpoint":"/c/1-40","donor":1,\
                "donor_hyperparameters":{"rate":0.1},"donor_report":1,\
                "hyperparameters":{"rate":0.08},"operations":{"rate":"perturbed"},"score":0.5,\
                "step":40},"fallback":"donor","member":3,"reason":"no such file","sequence":8,\
                "time":"2023-11-14T22:13:20.008Z"}
                """,
                """
                {"event":"declined","fallback":"start","member":3,"reason":"","sequence":9,\
                "time":"2023-11-14T22:13:20.009Z"}
                """,
            ])
    }

    @Test func `Tables show no control character of a peer`() {
        var past = PastEvents(members: 1)
        past.add(.leased(worker: "\u{1B}[2J"), of: 0)
        past.add(.changed(before: ["max_steps": 0], after: ["max_steps": 20]))
        var table = EventTable()
        #expect(table.line(past.events[1]).hasSuffix("     0  leased to \\u{1b}[2J"))
        #expect(table.line(past.events[2]).hasSuffix("     -  settings: max_steps none → 20"))
    }

    @Test func `A schedule is told in four formats`() {
        let schedule = ScheduleText(
            population: "digits", member: 7, minimize: true,
            segments: [
                Segment(
                    member: 10, start: 0, end: 30, hyperparameters: ["rate": 0.1, "kind": "a,b"]),
                Segment(member: 7, start: 30, end: 200, hyperparameters: ["rate": 1, "kind": "c"]),
            ])
        #expect(
            schedule.json == """
                {"hyperparameters":["rate","kind"],"member":7,"objective":"minimize",\
                "population":"digits","segments":\
                [{"end":30,"hyperparameters":{"kind":"a,b","rate":0.1},"member":10,"start":0},\
                {"end":200,"hyperparameters":{"kind":"c","rate":1},"member":7,"start":30}]}
                """)
        #expect(
            schedule.csv == [
                "start,end,member,hyperparameter.rate,hyperparameter.kind",
                "0,30,10,0.1,\"a,b\"", "30,200,7,1,c",
            ])
        #expect(schedule.table.lines()[1] == "  0–30      10   0.1   a,b")
        #expect(
            schedule.rayPolicy == """
                ["7","10",30,30,{"kind":"a,b","rate":0.1},{"kind":"c","rate":1}]

                """)
    }

    @Test func `A sentence breaks between words`() {
        #expect(
            Paragraph.lines("one two three four", width: 9) == ["one two", "  three", "  four"])
        #expect(Paragraph.lines("one two", width: nil) == ["one two"])
    }
}
