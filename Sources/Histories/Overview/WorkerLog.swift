import Foundation
import Murmuration

/// Who trains: each worker with what it did, those that were heard last.
package struct WorkerLog {
    private var workers: [String: Worker] = [:]
    /// The worker of each member that has one.
    private var holders: [Int: String] = [:]

    package struct Worker: Sendable {
        package var name: String
        /// The members that it has, each since when.
        package var members: [Int: Date] = [:]
        package var reports = 0
        package var declines = 0
        package var lapses = 0
        package var first: Date
        package var heard: Date

        /// Since it came.
        package var reportsPerMinute: Double? {
            let time = heard.timeIntervalSince(first)
            return time > 0 ? Double(reports) / time * 60 : nil
        }
    }

    /// Beyond it those are forgotten that were heard longest ago.
    private static let most = 4096

    mutating func add(_ event: Event, member: Int) {
        switch event.kind {
        case .leased(let name):
            release(member)
            var worker = workers[name] ?? Worker(name: name, first: event.time, heard: event.time)
            worker.members[member] = event.time
            worker.heard = event.time
            workers[name] = worker
            holders[member] = name
            if workers.count > Self.most { forget() }
        case .reported(let report):
            change(member) {
                $0.reports += 1
                if report.declined { $0.declines += 1 }
                $0.heard = event.time
            }
        case .declined:
            change(member) {
                $0.declines += 1
                $0.heard = event.time
            }
        case .released(let reason):
            // Of one that lapsed nothing was heard.
            let isLapse = reason == FollowedMember.lapsed
            change(member) { if isLapse { $0.lapses += 1 } else { $0.heard = event.time } }
            release(member)
        case .removed: release(member)
        case .created, .exploited, .paused, .resumed, .ended, .changed, .generationClosed: break
        }
    }

    private mutating func change(_ member: Int, _ body: (inout Worker) -> Void) {
        guard let name = holders[member], var worker = workers.removeValue(forKey: name) else {
            return
        }
        body(&worker)
        workers[name] = worker
    }

    private mutating func release(_ member: Int) {
        guard let name = holders.removeValue(forKey: member) else { return }
        workers[name]?.members[member] = nil
    }

    private mutating func forget() {
        let old = workers.values.sorted { $0.heard < $1.heard }.prefix(Self.most / 4)
        for worker in old {
            for member in worker.members.keys { holders[member] = nil }
            workers[worker.name] = nil
        }
    }

    /// Those that have members, or were heard within a time; who was heard longest ago comes first.
    package func all(since: Date) -> [Worker] {
        workers.values.filter { !$0.members.isEmpty || $0.heard >= since }
            .sorted { ($0.heard, $0.name) < ($1.heard, $1.name) }
    }

    /// Half of the workers that have members report at least so often.
    package var usualRate: Double? {
        Quantiles(workers.values.filter { !$0.members.isEmpty }.compactMap(\.reportsPerMinute))?
            .median
    }
}
