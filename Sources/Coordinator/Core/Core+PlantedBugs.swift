#if DEBUG
    import Evolution
    import Messages

    // Mistakes made on purpose, to show that the simulator finds them.
    extension Core {
        /// A report as it would be taken if a check were missing.
        func disguise(_ report: WireReport) -> WireReport {
            guard let lease = leases[report.lease]?.record else { return report }
            var report = report
            let hooks = Hooks.present
            if hooks.countsRepeatedReports, lease.state == .live,
                report.sequence == UInt64(lease.sequence)
            {
                report.sequence += 1
            }
            if hooks.acceptsStaleLeases, lease.state == .lapsed,
                let holder = populations[lease.population].holders[lease.member],
                let held = leases[holder]?.record
            {
                report.lease = holder
                report.sequence = UInt64(held.sequence + 1)
            }
            return report
        }
    }
#endif
