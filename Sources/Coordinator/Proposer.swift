import Foundation

/// Works proposals out on a thread of its own, and leaves most of a processor to others: after a model it rests
/// for three times as long as that took.
final class Proposer {
    private let companion = Companion<(ProposalWork.Result, took: Duration)>(name: "proposals")
    private var rest = Duration.zero

    func begin(_ work: ProposalWork) {
        let rest = rest
        companion.begin {
            Thread.sleep(forTimeInterval: rest / .seconds(1))
            let clock = ContinuousClock()
            let start = clock.now
            let result = work.result()
            return (result, clock.now - start)
        }
    }

    /// What came of the last work; `nil` while nothing did.
    func result() -> ProposalWork.Result? {
        guard let (result, took) = companion.result(within: .zero) else { return nil }
        rest = took * 3
        return result
    }
}
