import Evolution

/// Values of each kind, often those at the ends of what the wire writes in another way.
struct WireDice: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// As likely of any number of bits; not negative.
    mutating func integer() -> Int { Int(next() >> UInt64.random(in: 1...63, using: &self)) }

    mutating func double() -> Double {
        let special = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude]
        return Bool.random(using: &self)
            ? special.randomElement(using: &self) ?? 0 : Double(bitPattern: next())
    }

    mutating func text() -> String {
        let lengths = [0, 1, 40, 127, 128, 1000]
        return String(
            repeating: ["c", "é"].randomElement(using: &self) ?? "",
            count: lengths.randomElement(using: &self) ?? 0)
    }

    mutating func value() -> Value {
        switch Int.random(in: 0..<5, using: &self) {
        case 0: .number(double())
        case 1: .integer(Int64(integer()))
        case 2: .integer(-1 - Int64(integer()))
        case 3: .text(text())
        default: .flag(.random(using: &self))
        }
    }
}
