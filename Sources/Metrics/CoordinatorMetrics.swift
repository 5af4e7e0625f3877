import Coordinator
import Evolution
import Journal
import Messages

/// What a coordinator tells Prometheus. `docs/guide/metrics.md` has a row for each, which a test holds
/// to a scrape.
///
/// No label has a value that somebody else may choose without a bound: populations beyond the first
/// ``mostPopulations`` count together, with an empty name.
package struct CoordinatorMetrics {
    /// Populations with a name of their own. Those that had come to their end before the epoch are not
    /// among them.
    static let mostPopulations = 100

    private let statistics: Statistics
    private let sizes: JournalSizes
    private let version: String
    private let named: [Statistics.OfPopulation]
    private let others: [Statistics.OfPopulation]

    /// - Parameter version: of the program.
    package init(_ statistics: Statistics, journal: JournalSizes, version: String) {
        self.statistics = statistics
        sizes = journal
        self.version = version
        let current = statistics.populations.filter { !$0.wasOver }
        named = Array(current.prefix(Self.mostPopulations))
        others =
            statistics.populations.filter(\.wasOver) + current.dropFirst(Self.mostPopulations)
    }

    package var families: [MetricFamily] {
        work + refusals + batches + traffic + populations + journal
    }

    private var work: [MetricFamily] {
        let counters = statistics.counters
        return [
            byPopulation("murmur_reports_total", .counter, "Reports that were recorded.") {
                $0.counters.reports
            },
            byPopulation(
                "murmur_exploits_total", .counter, "Members told to copy another one."
            ) { $0.counters.exploits },
            byPopulation(
                "murmur_declines_total", .counter,
                "Times that a worker did not take over what it was given."
            ) { $0.counters.declines },
            single(
                "murmur_leases_granted_total", .counter, "Members given to a worker.",
                counters.leasesGranted),
            labelled(
                "murmur_leases_ended_total", .counter, "Members that a worker gave back or lost.",
                ReleaseReason.allCases.map {
                    ("reason", $0.rawValue, counters.leasesEnded[$0] ?? 0)
                }),
            single(
                "murmur_retries_total", .counter,
                "Requests that came again, and got the same answer.", counters.retries),
        ]
    }

    private var refusals: [MetricFamily] {
        [
            labelled(
                "murmur_refusals_total", .counter, "Requests that were refused.",
                WireError.Code.allCases.filter { $0 != .unspecified }.map {
                    ("code", $0.name, statistics.counters.refusals[$0] ?? 0)
                }),
            labelled(
                "murmur_handshakes_total", .counter,
                "Encrypted connections that began, by whether they were let in.",
                [
                    ("outcome", "accepted", statistics.admitted),
                    ("outcome", "refused", statistics.turnedAway),
                ]),
        ]
    }

    private var batches: [MetricFamily] {
        let (counters, traffic) = (statistics.counters, statistics.traffic)
        return [
            single("murmur_requests_total", .counter, "Requests received.", counters.requests),
            single(
                "murmur_waiting_requests", .gauge,
                "Requests that were received, and whose answers have not left yet.",
                statistics.waitingRequests),
            histogram(
                "murmur_batch_requests", "Requests that were decided on together.",
                counters.batches),
            histogram(
                "murmur_commit_duration_seconds", "Time that the journal took to commit a batch.",
                traffic.commits),
            single(
                "murmur_commit_failures_total", .counter,
                "Times that the disk refused a batch.", counters.refusedCommits),
            single(
                "murmur_disk_refuses", .gauge,
                "1 while the disk refuses, and nothing is accepted; else 0.",
                statistics.isStuck ? 1 : 0),
        ]
    }

    private var traffic: [MetricFamily] {
        let traffic = statistics.traffic
        return [
            single(
                "murmur_received_bytes_total", .counter, "Bytes of requests.",
                traffic.receivedBytes),
            single("murmur_sent_bytes_total", .counter, "Bytes of replies.", traffic.sentBytes),
            single(
                "murmur_published_bytes_total", .counter,
                "Bytes of boards and lineage, counted once for all subscribers.",
                traffic.publishedBytes),
            single(
                "murmur_subscriptions", .gauge,
                "Monitors that subscribed by an invitation.", statistics.subscriptions),
        ]
    }

    private var populations: [MetricFamily] {
        var members = MetricFamily(
            "murmur_members", .gauge, "Members of a population, by what they do.")
        var beginnings = MetricFamily(
            "murmur_beginnings_alive", .gauge,
            "Beginnings that members still descend from, since the start.")
        var best = MetricFamily(
            "murmur_best_score", .gauge, "The best score that any member had with a checkpoint.")
        for population in named {
            beginnings.add(population.beginningsAlive, ("population", population.name))
            best.add(population.best, ("population", population.name))
            members.add(population.name, [population])
        }
        if !others.isEmpty { members.add("", others) }
        return [
            labelled(
                "murmur_populations", .gauge, "Populations, by their status.",
                [Population.Status.active, .paused, .ended(nil)].map { status in
                    let count = statistics.populations.count {
                        $0.status == status || $0.status.isEnded && status.isEnded
                    }
                    return ("status", status.rawValue, count)
                }),
            members, beginnings, best,
        ]
    }

    private var journal: [MetricFamily] {
        var files = MetricFamily("murmur_journal_bytes", .gauge, "Bytes of the journal's files.")
        files.add(sizes.file, ("file", "journal"))
        files.add(sizes.log, ("file", "log"))
        var free = MetricFamily(
            "murmur_journal_free_bytes", .gauge, "Bytes that are free on the journal's disk.")
        free.add(sizes.free)
        var build = MetricFamily("murmur_build_info", .gauge, "1, with the program's version.")
        build.add(1, ("version", version))
        return [
            files, free, build,
            single(
                "murmur_journal_sequence", .gauge, "Events that were ever recorded.",
                statistics.sequence),
            single(
                "murmur_epoch", .gauge, "Times that a coordinator started on this journal.",
                Int(clamping: statistics.epoch)),
        ]
    }

    // MARK: Families

    private func byPopulation(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String,
        _ value: (Statistics.OfPopulation) -> Int
    ) -> MetricFamily {
        var family = MetricFamily(name, kind, help)
        for population in named { family.add(value(population), ("population", population.name)) }
        if !others.isEmpty { family.add(others.reduce(0) { $0 + value($1) }, ("population", "")) }
        return family
    }

    private func single(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Int
    ) -> MetricFamily {
        var family = MetricFamily(name, kind, help)
        family.add(value)
        return family
    }

    private func labelled(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String,
        _ values: [(label: String, text: String, value: Int)]
    ) -> MetricFamily {
        var family = MetricFamily(name, kind, help)
        for (label, text, value) in values { family.add(value, (label, text)) }
        return family
    }

    private func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> MetricFamily {
        var family = MetricFamily(name, .histogram, help)
        family.add(bounds: histogram.bounds, counts: histogram.counts, sum: histogram.sum)
        return family
    }
}

extension MetricFamily {
    fileprivate mutating func add(_ population: String, _ all: [Statistics.OfPopulation]) {
        let states: [(String, KeyPath<Statistics.OfPopulation, Int>)] = [
            ("training", \.training), ("waiting", \.waiting), ("finished", \.finished),
            ("lost", \.lost),
        ]
        for (state, count) in states {
            let sum = all.reduce(0) { $0 + $1[keyPath: count] }
            add(sum, ("population", population), ("state", state))
        }
    }
}
