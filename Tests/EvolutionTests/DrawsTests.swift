import Testing

@testable import Evolution

struct DrawsTests {
    /// Words of counter and key, and the words that come out, from Random123's `kat_vectors`.
    struct KnownAnswer {
        var counter: SIMD4<UInt32>
        var key: SIMD2<UInt32>
        var output: SIMD4<UInt32>
    }

    static let knownAnswers = [
        KnownAnswer(
            counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0),
            output: SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
        KnownAnswer(
            counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max),
            output: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)),
        KnownAnswer(
            counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            key: SIMD2(0xa409_3822, 0x299f_31d0),
            output: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)),
    ]

    @Test("Philox gives the numbers that Random123 publishes", arguments: knownAnswers)
    func knownAnswer(_ known: KnownAnswer) {
        #expect(philox4x32(counter: known.counter, key: known.key) == known.output)
    }

    @Test("Every part of the key matters, and nothing else does")
    func keys() {
        func first(_ seed: UInt64, _ member: Int, _ report: Int, _ purpose: Draws.Purpose)
            -> [UInt64]
        {
            var draws = Draws(seed: seed, member: member, report: report, purpose: purpose)
            return (0..<5).map { _ in draws.bits() }
        }
        let base = first(1, 2, 3, .decision)
        #expect(base == first(1, 2, 3, .decision))
        let others = [
            first(2, 2, 3, .decision), first(1 << 40, 2, 3, .decision), first(1, 3, 3, .decision),
            first(1, 2, 4, .decision), first(1, 2, 3 + 1 << 32, .decision), first(1, 2, 3, .tie),
        ]
        #expect(Set(others + [base]).count == others.count + 1)
        #expect(Set(base).count == 5)
    }

    @Test("Integers below a bound are each as likely, also where the bound is no power of two")
    func below() {
        var draws = Draws(seed: 7, member: 0, report: 0)
        for bound in [1, 2, 3, 7] {
            var counts = Array(repeating: 0, count: bound)
            for _ in 0..<7_000 { counts[draws.below(bound)] += 1 }
            let expected = 7_000 / Double(bound)
            for count in counts {
                #expect(abs(Double(count) - expected) < 5 * expected.squareRoot())
            }
        }
        #expect((0..<100).allSatisfy { _ in draws.below(.max) >= 0 })
    }

    @Test("Numbers fill 0..<1 evenly")
    func uniform() {
        var draws = Draws(seed: 8, member: 0, report: 0)
        let numbers = (0..<10_000).map { _ in draws.uniform() }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        for part in [0.1, 0.5, 0.9] { #expect(abs(quantile(part, of: numbers) - part) < 0.02) }
        #expect(abs((0..<10_000).count { _ in draws.flag() } - 5_000) < 250)
    }
}
