import Evolution
import Records

/// Records to keep.
enum Samples {
    static let values: [Value] = [
        .number(1e-5), .integer(3), .text("tab\t\"é\""), .flag(true),
        .json(#"[3,[1e-05,null],"]\"é\\",[]]"#), .null,
    ]

    static func population(_ id: Int) -> PopulationRecord {
        PopulationRecord(
            id: id, name: "p\(id)", specification: "population_size: 2\n",
            hyperparameters: ["rate", "depth", "kind", "bias", "sizes", "clip"],
            created: 1_700_000_000_000)
    }

    static func state(_ member: Int, report: Int, score: Double = 0.5) -> CommittedState {
        CommittedState(
            member: member, report: report, step: report * 10, score: score,
            hyperparameters: values, checkpoint: "/c/\(member)/\(report)")
    }

    static func member(_ id: Int, reports: Int = 0) -> Member {
        var member = Member(id: id, hyperparameters: values)
        member.reports = reports
        if reports > 0 {
            member.step = reports * 10
            member.latest = state(id, report: reports, score: -.infinity)
        }
        return member
    }

    static func lease(_ token: UInt64, _ state: LeaseRecord.State = .live) -> LeaseRecord {
        var lease = LeaseRecord(
            token: token, population: 0, member: 1, worker: "w", sequence: 7, state: state,
            directive: [1, 2, 3], time: 5)
        (lease.keeps, lease.owner, lease.digest, lease.place) = (true, "key", .max, "host/0")
        return lease
    }

    static func answer(_ byte: UInt8, time: Int64) -> AnswerRecord {
        AnswerRecord(
            key: [UInt8](repeating: byte, count: 16), digest: .max, reply: [9, 8], time: time)
    }

    static func key(_ byte: UInt8) -> KeyRecord {
        KeyRecord(
            publicKey: [UInt8](repeating: byte, count: 32), role: .worker, populations: ["p0"],
            label: "somebody", created: 1, expires: 2,
            quota: Quota(outstanding: 3, joinsPerSecond: 4, populations: 5, members: 6))
    }

    static func report(_ number: Int, copying donor: CommittedState? = nil) -> Reported {
        var reported = Reported(
            report: number, step: number * 10, score: 0.1, checkpoint: "/c/1/\(number)",
            hyperparameters: values)
        reported.metrics = [Metric(name: "loss", value: 0.5)]
        reported.exploit = donor.map {
            Exploit(donor: $0, explored: values, operations: [.kept, .kept, .kept, .kept])
        }
        return reported
    }

    /// Events of two populations, in which member 1 of the first one reports, copies and declines.
    static let events: [EventRecord] = {
        let rescue = Exploit(
            donor: state(0, report: 3), explored: values,
            operations: [.kept, .kept, .kept, .kept])
        let kinds: [(population: Int, member: Int?, kind: Event.Kind)] = [
            (0, 0, .created(hyperparameters: values)), (0, 1, .created(hyperparameters: values)),
            (1, 0, .created(hyperparameters: values)), (0, 1, .leased(worker: "w")),
            (0, 1, .reported(report(1))), (1, 0, .reported(report(1))), (0, nil, .paused),
            (0, nil, .resumed), (0, 1, .reported(report(2, copying: state(0, report: 1)))),
            (0, 1, .declined(reason: "gone", fallback: .donor(rescue))), (1, nil, .ended(.plateau)),
            (0, 1, .reported(report(3))), (0, 1, .released(.left)), (0, 1, .removed),
        ]
        return kinds.enumerated().map { index, event in
            EventRecord(
                sequence: index + 1, population: event.population, time: 1000 + Int64(index),
                event: Event(member: event.member, kind: event.kind))
        }
    }()
}
