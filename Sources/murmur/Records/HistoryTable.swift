import Foundation
import Histories
import Murmuration

/// Reports as people read them.
struct ReportTable {
    private var table = GrowingTable([
        .init("time", width: 19), .init("member", isRight: true), .init("report", isRight: true),
        .init("step", width: 6, isRight: true), .init("score", width: 9, isRight: true),
        .init("exploit", width: 10), .init("checkpoint"),
    ])

    var heading: String { table.heading }

    mutating func line(_ event: Event, _ report: Event.Report) -> String {
        table.line([
            event.localTime, event.member.map(String.init) ?? "", "\(report.number)",
            "\(report.step)", NumberText.score(report.score),
            report.exploit.map { "copies \($0.donor)" } ?? "-", report.checkpoint ?? "none",
        ])
    }
}

/// Everything that happened, as people read it.
struct EventTable {
    private var table = GrowingTable([
        .init("time", width: 19), .init("member", isRight: true), .init("event"),
    ])

    var heading: String { table.heading }

    mutating func line(_ event: Event) -> String {
        table.line([event.localTime, event.member.map(String.init) ?? "-", event.summary])
    }
}

extension Event {
    /// When it happened, by the clock of this machine.
    var localTime: String { Self.localTime.string(from: time) }

    private static let localTime: DateFormatter = {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter
    }()
}
