import Foundation
import Murmuration

import struct Evolution.Setting

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

    /// What happened, in a few words.
    var summary: String {
        switch kind {
        case .created(let hyperparameters):
            "created: \(NumberText.hyperparameters(hyperparameters))"
        case .leased(let worker): "leased to \(worker)"
        case .reported(let report): report.summary
        case .declined(let reason, let fallback): fallback.sentence(reason: reason)
        case .released(let reason): "released: \(reason)"
        case .removed: "removed"
        case .paused: "paused"
        case .resumed: "resumed"
        case .ended: "ended"
        case .changed(let before, let after):
            "settings: \(after.changes(from: before).joined(separator: ", "))"
        case .exploited(let exploited):
            "copies \(exploited.exploit.donor), rank \(exploited.standing.rank) of "
                + "\(exploited.standing.ranked) when generation \(exploited.generation) closed"
        case .generationClosed(let closed): closed.summary
        }
    }
}

extension Event.Report {
    fileprivate var summary: String {
        var text = declined ? "declined the exploit; " : ""
        text += "reported \(NumberText.score(score)) at step \(step)"
        if let generation { text += " for generation \(generation)" }
        if checkpoint == nil { text += " without a checkpoint" }
        if let standing { text += ", rank \(standing.rank) of \(standing.ranked)" }
        if let exploit { text += ", copies \(exploit.donor)" }
        return text
    }
}

extension Event.GenerationClosed {
    fileprivate var summary: String {
        "generation \(generation) closed with \(NumberText.count(reported, "member"))"
            + (isByDeadline ? ", by its deadline" : "")
    }
}

extension NumberText {
    /// All of them on a line, without control characters.
    static func hyperparameters(_ hyperparameters: Hyperparameters) -> String {
        hyperparameters.map { "\(Terminal.escaped($0)) \(Terminal.escaped(hyperparameter($1)))" }
            .joined(separator: ", ")
    }
}

extension Population.Settings {
    /// Each setting that changed, as "interval 10 → 20".
    func changes(from before: Self) -> [String] {
        names.map { name in
            let old = before[name].map { "\(Self.text($0, of: name)) → " } ?? ""
            let new = self[name].map { Self.text($0, of: name) } ?? ""
            return "\(Terminal.escaped(name)) \(old)\(new)"
        }
    }

    /// A setting and what it is.
    static func text(_ name: String, _ value: Value?) -> String {
        "\(name) \(value.map { text($0, of: name) } ?? "unknown")"
    }

    private static func text(_ value: Value, of name: String) -> String {
        let none = Setting.named(name)?.none.map(Value.init)
        if value == none { return "none" }
        if case .number(let number) = value { return NumberText.score(number) }
        return Terminal.escaped(value.description)
    }
}
