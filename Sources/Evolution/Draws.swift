/// What one report of one member draws, and nothing else: the same (seed, member, report) always
/// gives the same draws, whatever happened to other members and in whatever order.
///
/// The generator is counter-based (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"),
/// so there is no state to carry from report to report, nor to journal.
package struct Draws {
    /// Keeps draws for different ends apart.
    enum Purpose: UInt32 {
        /// Initial hyperparameters (report 0), the choice of a donor, and exploring.
        case decision = 0
        /// The choice of a donor for a member whose own state is lost, and exploring.
        case rescue = 0x4000_0000
        /// What is tried to propose something for a state.
        case proposal = 0xC000_0000
        /// The order of members with equal scores.
        case tie = 0x8000_0000
    }

    private let key: SIMD2<UInt32>
    private var counter: SIMD4<UInt32>
    private var block = SIMD4<UInt32>()
    private var used = true

    init(seed: UInt64, member: Int, report: Int, purpose: Purpose = .decision) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        counter = SIMD4(
            0,
            UInt32(truncatingIfNeeded: member),
            UInt32(truncatingIfNeeded: report),
            UInt32(truncatingIfNeeded: report >> 32) ^ purpose.rawValue)
    }

    /// 64 random bits.
    mutating func bits() -> UInt64 {
        if used {
            block = philox4x32(counter: counter, key: key)
            counter.x &+= 1
            used = false
            return UInt64(block.x) | UInt64(block.y) << 32
        }
        used = true
        return UInt64(block.z) | UInt64(block.w) << 32
    }

    /// A number in 0..<1.
    mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

    mutating func flag() -> Bool { bits() >> 63 == 1 }

    /// An integer in 0..<bound, each exactly as likely (Lemire, "Fast Random Integer Generation
    /// in an Interval").
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "There is nothing to draw from.")
        let bound = UInt64(bound)
        var product = bits().multipliedFullWidth(by: bound)
        if product.low < bound {
            let unfair = (0 &- bound) % bound
            while product.low < unfair { product = bits().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }
}

/// Philox4x32 with ten rounds, as Random123 defines it.
func philox4x32(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 {
        let first = counter.x.multipliedFullWidth(by: 0xD251_1F53)
        let second = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
        counter = SIMD4(
            second.high ^ counter.y ^ key.x, second.low, first.high ^ counter.w ^ key.y, first.low)
        key.x &+= 0x9E37_79B9
        key.y &+= 0xBB67_AE85
    }
    return counter
}
