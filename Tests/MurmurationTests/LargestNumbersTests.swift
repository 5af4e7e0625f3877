import Messages
import Testing

@testable import Murmuration

struct LargestNumbersTests {
    @Test func `A lease with the largest numbers can be reported for`() {
        var lease = WireLease()
        (lease.member, lease.step, lease.targetStep) = (.max, .max, .max)
        (lease.sequence, lease.maxSteps) = (.max, .max)
        let assignment = Assignment(lease)
        let report = assignment.report(
            step: assignment.targetStep, score: 1, checkpoint: nil, changes: [:],
            declined: false)
        #expect(report.step == UInt64(Int.max))
        #expect(report.sequence == 0)
    }
}
