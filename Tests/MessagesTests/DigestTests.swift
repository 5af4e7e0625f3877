import Testing

@testable import Messages

struct DigestTests {
    private let report = WireReport.with {
        $0.lease = 7
        $0.sequence = 3
        $0.step = 10
        $0.score = 0.5
        $0.checkpoint = "/c/10"
        $0.effect = .applied
        $0.metrics = [
            .with {
                $0.name = "val/loss"
                $0.value = 0.25
            }
        ]
    }

    /// The journal keeps it from one version to the next. The number is of another implementation.
    @Test func `A report's digest stays as it is`() {
        #expect(report.digest == 8_864_918_302_062_567_684)
    }

    @Test func `Every word of a report counts, and what the worker dealt with does not`() {
        let changes: [(inout WireReport) -> Void] = [
            { $0.step = 11 }, { $0.score = 0.25 }, { $0.score = .nan }, { $0.clearScore() },
            { $0.checkpoint = "" }, { $0.checkpoint = "/c/11" }, { $0.effect = .declined },
            { $0.metrics = [] }, { $0.metrics[0].name = "val/los" },
            { $0.metrics[0].value = 0.5 }, { $0.metrics.append($0.metrics[0]) },
            { $0.hyperparameters = [WireHyperparameter.with { $0.name = "rate" }] },
            {
                $0.hyperparameters = [
                    WireHyperparameter.with {
                        $0.name = "rate"
                        $0.value.number = 1
                    }
                ]
            },
        ]
        let digests = changes.map { change in
            var other = report
            change(&other)
            return other.digest
        }
        #expect(Set(digests + [report.digest]).count == changes.count + 1)
        var later = report
        later.released = [1, 2]
        #expect(later.digest == report.digest)
    }

    @Test func `A request is the same under any id`() {
        var request = WireRequest.with {
            $0.id = 1
            $0.join.worker = "a"
        }
        let digest = request.digest
        request.id = 2
        #expect(request.digest == digest)
        request.join.worker = "b"
        #expect(request.digest != digest)
    }
}
