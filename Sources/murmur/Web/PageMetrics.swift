import Metrics
import Web

/// What the server of a page tells Prometheus. `docs/guide/metrics.md` has a row for each, which a test
/// holds to a scrape.
struct PageMetrics {
    let figures: Figures
    /// Of the program.
    let version: String

    var families: [MetricFamily] { [build] + serving + shown + populations }

    private var build: MetricFamily {
        var family = MetricFamily("murmur_web_build_info", .gauge, "1, with the program's version.")
        family.add(1, ("version", version))
        return family
    }

    private var serving: [MetricFamily] {
        var requests = MetricFamily(
            "murmur_web_requests_total", .counter, "Requests that were answered.")
        for (status, count) in figures.answers.sorted(by: { $0.key < $1.key }) {
            requests.add(count, ("code", "\(status)"))
        }
        var streams = MetricFamily(
            "murmur_web_streams", .gauge, "Pages that are told what happens.")
        streams.add(figures.streams)
        return [requests, streams]
    }

    private var shown: [MetricFamily] {
        var live = MetricFamily(
            "murmur_web_live", .gauge, "1 while the coordinator runs and is heard of, else 0.")
        live.add(figures.isLive ? 1 : 0)
        return [
            live,
            byPopulation(
                "murmur_web_age_seconds", .gauge, "How old the board is that is shown."
            ) { $0.age / .seconds(1) },
            byPopulation(
                "murmur_web_loading", .gauge, "1 while the history is still being read, else 0."
            ) { $0.isLoading ? 1 : 0 },
        ]
    }

    private var populations: [MetricFamily] {
        var members = MetricFamily(
            "murmur_web_members", .gauge, "Members of a population, by what they do.")
        for population in figures.populations {
            let summary = population.summary
            let waiting = summary.members - summary.training - summary.finished - summary.lost
            for (state, count) in [
                ("training", summary.training), ("waiting", max(0, waiting)),
                ("finished", summary.finished), ("lost", summary.lost),
            ] {
                members.add(count, ("population", population.name), ("state", state))
            }
        }
        return [
            members,
            byPopulation("murmur_web_reports_total", .counter, "Reports, from the beginning.") {
                Double($0.summary.reports)
            },
            byPopulation(
                "murmur_web_exploits_total", .counter,
                "Members told to copy another one, from the beginning."
            ) { Double($0.summary.exploits) },
            byPopulation(
                "murmur_web_steps_total", .counter, "Steps that the members have trained."
            ) { Double($0.summary.totalSteps) },
            byPopulation("murmur_web_best_score", .gauge, "The best score of all.") { $0.best },
            byPopulation(
                "murmur_web_beginnings_alive", .gauge, "Beginnings that members descend from."
            ) { Double($0.beginningsAlive) },
            byPopulation(
                "murmur_web_largest_family_ratio", .gauge,
                "The part of the members that descend from one beginning."
            ) { $0.largestFamilyShare },
        ]
    }

    private func byPopulation(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String,
        _ value: (Figures.OfPopulation) -> Double?
    ) -> MetricFamily {
        var family = MetricFamily(name, kind, help)
        for population in figures.populations {
            family.add(value(population), ("population", population.name))
        }
        return family
    }
}

extension ScrapedPage {
    /// What the server of a page tells.
    init(of site: Site, version: String) {
        let process = ProcessMetrics()
        self.init {
            PageMetrics(figures: await site.figures, version: version).families
                + process.families(ports: [])
        }
    }
}
