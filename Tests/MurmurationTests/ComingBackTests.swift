import Testing

@testable import Murmuration

struct ComingBackTests {
    @Test func `10 000 clients spread their return evenly over the time that they are given`() {
        let timing = ConnectionTiming()
        let spread = Duration.seconds(5)
        let draws = (0..<10_000).map { _ in timing.comeBack(within: spread) }
        #expect(draws.allSatisfy { $0 >= .zero && $0 < spread })
        // 1 000 in each, with a deviation of 30.
        #expect(tenths(draws.map { $0 / spread }).allSatisfy { (850...1150).contains($0) })
        #expect(timing.comeBack(within: nil) == .zero)
    }

    @Test func `Waits grow to the longest one, and differ by a quarter`() {
        let timing = ConnectionTiming()
        for (attempt, seconds) in [5.0, 10, 20, 30, 30, 30].enumerated() {
            let waits = (0..<1000).map { _ in timing.wait(attempt: attempt) / .seconds(1) }
            #expect(waits.allSatisfy { $0 >= 0.75 * seconds && $0 <= 1.25 * seconds })
            #expect(waits.contains { $0 < 0.8 * seconds } && waits.contains { $0 > 1.2 * seconds })
        }
        #expect(timing.wait(attempt: .max) <= .seconds(37.5))
    }
}

/// Counts how many of the numbers from 0 to 1 lie in each tenth.
func tenths(_ shares: [Double]) -> [Int] {
    shares.reduce(into: Array(repeating: 0, count: 10)) {
        $0[min(9, max(0, Int($1 * 10)))] += 1
    }
}
