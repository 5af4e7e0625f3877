import Testing

@testable import Evolution

struct DomainTests {
    @Test("Values are few in lists, in a bool, and in an integer's range of fewer than ten")
    func few() {
        let listed: [Value] = [.number(1), .number(2)]
        for domain in [
            .choice(listed), .ordinal(listed), .bool, .integer(1...9, .linear),
        ] as [Domain] {
            #expect(domain.hasFewValues, "\(domain)")
        }
        for domain in [
            .number(0...1, .linear), .fixed(.flag(true)), .integer(1...10, .linear),
        ] as [Domain] {
            #expect(!domain.hasFewValues, "\(domain)")
        }
    }

    @Test("A kind fits where a value of any kind is kept, without memory of its own")
    func sizes() {
        for kind in Domain.kinds { #expect(size(kind) <= 3 * MemoryLayout<Int>.size, "\(kind)") }
        func size<Kind: DomainKind>(_: Kind.Type) -> Int { MemoryLayout<Kind>.size }
    }
}
