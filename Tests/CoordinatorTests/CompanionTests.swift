import Dispatch
import Synchronization
import Testing

@testable import Coordinator

struct CompanionTests {
    @Test func `Work is done meanwhile, one piece after the other`() {
        let companion = Companion<Int>(name: "test")
        for number in 0..<100 {
            companion.begin { number * number }
            #expect(companion.result(within: nil) == number * number)
        }
    }

    @Test func `There is no result while it works`() {
        let companion = Companion<Int>(name: "test")
        let gate = DispatchSemaphore(value: 0)
        companion.begin {
            gate.wait()
            return 1
        }
        #expect(companion.result(within: .milliseconds(5)) == nil)
        gate.signal()
        #expect(companion.result(within: nil) == 1)
    }

    @Test func `What was given to it is let go of before it is done`() {
        final class Journal: Sendable {}
        let companion = Companion<Int>(name: "test")
        weak var journal: Journal?
        do {
            let given = Journal()
            journal = given
            companion.begin { withExtendedLifetime(given) { 1 } }
        }
        #expect(companion.result(within: nil) == 1)
        #expect(journal == nil)
    }
}
