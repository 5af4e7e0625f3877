import Evolution
import Journal
import TestSupport
import Testing

@testable import Coordinator
@testable import Metrics

struct CoordinatorMetricsTests {
    private func population(_ number: Int, wasOver: Bool = false) -> Statistics.OfPopulation {
        var counters = Counters.OfPopulation()
        counters.reports = number
        return Statistics.OfPopulation(
            name: "p\(number)", status: wasOver ? .ended(nil) : .active, wasOver: wasOver,
            counters: counters, training: 1, finished: 2, lost: 3, waiting: 4,
            beginningsAlive: number + 1, best: number == 2 ? nil : Double(number) / 2)
    }

    private func lines(_ populations: [Statistics.OfPopulation]) throws -> [String] {
        let statistics = Statistics(
            epoch: 7, sequence: 9, counters: Counters(), traffic: Traffic(), waitingRequests: 8,
            isStuck: true, subscriptions: 0, admitted: 5, turnedAway: 6, populations: populations,
            ports: [])
        let directory = try TemporaryDirectory()
        _ = try directory.file(Journal.fileName, "12345")
        let metrics = CoordinatorMetrics(
            statistics, journal: JournalSizes(directory: directory.path), version: "1.2.3")
        return metrics.families.map(\.text).joined().split(separator: "\n").map(String.init)
    }

    @Test func `Populations are told by their names`() throws {
        let lines = try lines([population(1), population(2)])
        for line in [
            #"murmur_reports_total{population="p1"} 1"#,
            #"murmur_reports_total{population="p2"} 2"#,
            #"murmur_members{population="p1",state="training"} 1"#,
            #"murmur_members{population="p1",state="finished"} 2"#,
            #"murmur_members{population="p1",state="lost"} 3"#,
            #"murmur_members{population="p2",state="waiting"} 4"#,
            #"murmur_best_score{population="p1"} 0.5"#,
            #"murmur_beginnings_alive{population="p2"} 3"#, "murmur_waiting_requests 8",
            #"murmur_populations{status="active"} 2"#, #"murmur_build_info{version="1.2.3"} 1"#,
            "murmur_epoch 7", "murmur_journal_sequence 9", "murmur_disk_refuses 1",
            #"murmur_handshakes_total{outcome="refused"} 6"#,
            #"murmur_journal_bytes{file="journal"} 5"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        // The second one has no state that could be the best.
        #expect(lines.count { $0.hasPrefix("murmur_best_score{") } == 1)
        #expect(!lines.contains { $0.contains(#"population="""#) })
        #expect(!lines.contains { $0.contains(#"file="log""#) })
    }

    @Test func `Of many populations the first have names, and the others count together`() throws {
        let most = CoordinatorMetrics.mostPopulations
        let over = (1...5).map { population($0, wasOver: true) }
        let lines = try lines(over + (6...(most + 15)).map { population($0) })
        let reports = lines.filter { $0.hasPrefix("murmur_reports_total{") }
        #expect(reports.count == most + 1)
        #expect(reports.first == #"murmur_reports_total{population="p6"} 6"#)
        // The five that were over, and the ten that came last.
        let rest = (1...5).reduce(0, +) + (most + 6...most + 15).reduce(0, +)
        #expect(reports.last == #"murmur_reports_total{population=""} \#(rest)"#)
        #expect(lines.contains(#"murmur_members{population="",state="lost"} 45"#))
        #expect(lines.count { $0.hasPrefix("murmur_best_score{") } == most)
        #expect(lines.contains(#"murmur_populations{status="ended"} 5"#))
    }

    @Test func `Each reason and each code is there before anything happens`() throws {
        let lines = try lines([])
        #expect(lines.contains(#"murmur_leases_ended_total{reason="lapsed"} 0"#))
        #expect(lines.contains(#"murmur_refusals_total{code="UNAUTHORIZED"} 0"#))
        #expect(!lines.contains { $0.contains("UNSPECIFIED") })
        #expect(lines.contains("murmur_commit_duration_seconds_count 0"))
    }
}
