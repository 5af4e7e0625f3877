import Foundation
import Histories

/// Who trains which member, and how fast.
struct WorkerTable: Encodable {
    var workers: [Row]

    struct Row: Encodable {
        var worker: String
        /// The machine, when the name has one.
        var host: String?
        /// Which worker of it.
        var place: String?
        var member: Int?
        var since: String
        var silentSeconds: Double
        var reports: Int
        var lapses: Int
        var declines: Int
        var reportsPerMinute: Double?
        /// It reports less than half as often as most others.
        var slow: Bool

        private enum CodingKeys: String, CodingKey {
            case worker, host, place, member, since, reports, lapses, declines, slow
            case silentSeconds = "silent_seconds"
            case reportsPerMinute = "reports_per_minute"
        }
    }

    /// Those that have no member any more are shown for so long.
    private static let memory: TimeInterval = 600
    private static let most = 1000

    init(_ log: WorkerLog, at now: Date) {
        let usual = log.usualRate
        workers = log.all(since: now - Self.memory).flatMap { worker -> [Row] in
            let members: [(Int?, Date)] =
                worker.members.isEmpty
                ? [(nil, worker.first)]
                : worker.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            return members.map { Row(worker, member: $0.0, since: $0.1, usual: usual, at: now) }
        }.prefix(Self.most).map(\.self)
    }
}

extension WorkerTable.Row {
    fileprivate init(
        _ worker: WorkerLog.Worker, member: Int?, since: Date, usual: Double?, at now: Date
    ) {
        let parts = worker.name.split(separator: "/", maxSplits: 1)
        let rate = worker.reportsPerMinute
        let isSlow = member != nil && (rate ?? 0) * 2 < (usual ?? 0)
        self.init(
            worker: worker.name,
            host: parts.count == 2 ? String(parts[0].prefix { $0 != ":" }) : nil,
            place: parts.count == 2 ? String(parts[1]) : nil, member: member,
            since: TimeText.text(since), silentSeconds: max(0, now.timeIntervalSince(worker.heard)),
            reports: worker.reports, lapses: worker.lapses, declines: worker.declines,
            reportsPerMinute: rate, slow: isSlow)
    }
}
