#if DEBUG
    import Evolution
    import Messages

    // Mistakes made on purpose, to show that the simulator finds them.
    extension Core {
        /// A report as it would be taken if a check were missing.
        func disguise(_ report: WireReport) -> WireReport {
            guard let lease = leases[report.lease]?.record else { return report }
            var report = report
            switch PlantedBug.planted {
            case .repeatedReportCounts where lease.state == .live:
                if report.sequence == UInt64(lease.sequence) { report.sequence += 1 }
            case .staleLeaseAccepted where lease.state == .lapsed:
                if let holder = populations[lease.population].holders[lease.member],
                    let held = leases[holder]?.record
                {
                    report.lease = holder
                    report.sequence = UInt64(held.sequence + 1)
                }
            default: break
            }
            return report
        }
    }
#endif
