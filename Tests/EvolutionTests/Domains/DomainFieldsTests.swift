import Testing

@testable import Evolution

struct DomainFieldsTests {
    static let scales = [Scale.linear, .log]
    static let values: [Value] = [
        .number(-0.5), .number(32), .integer(32), .integer(1 << 53), .text("true"), .text(""),
        .text("a: [b]"), .flag(true), .flag(false),
    ]

    /// What a file may leave out of a float or an int.
    static let optional = ["scale", "step", "draw", "mean", "sd", "initial_min", "initial_max"]

    /// Domains of all kinds: every range of a few bounds in both scales and some with steps, every
    /// pair of a few values in both lists, and each of them fixed.
    static var all: [Domain] {
        let numbers = [-1e300, -1, 0, 5e-324, 0.1, 1, 1e300]
        let integers: [Int64] = [-(1 << 53), -1, 0, 1, 8, 1 << 53]
        var all = [Domain.bool] + values.map { .fixed($0) }
        for scale in scales {
            all += pairs(numbers).map { .number($0...$1, scale) }
            all += pairs(integers).map { .integer($0...$1, scale) }
            all += [0.5, 0.25, 1.0 / 3].map { .number(1...3, scale, step: $0) }
            all += [1, 2, 14].map { .integer(2...16, scale, step: $0) }
        }
        for (one, other) in pairs(values) {
            for list in [[one, other], [other, one]] { all += [.choice(list), .ordinal(list)] }
        }
        return all
    }

    /// Each element with each later one.
    private static func pairs<Element>(_ elements: [Element]) -> [(Element, Element)] {
        elements.indices.flatMap { first in
            elements[(first + 1)...].map { (elements[first], $0) }
        }
    }

    @Test("A space file has these kinds, and the test an example of each")
    func kinds() {
        let names = Domain.kinds.map { $0.name }
        #expect(names == ["float", "int", "choice", "ordinal", "bool", "fixed"])
        #expect(Set(Self.all.map(\.name)) == Set(names))
        for name in names { #expect(Domain.kind(named: name)?.name == name) }
        for name in ["Float", "number", "type", ""] { #expect(Domain.kind(named: name) == nil) }
    }

    @Test("What a domain of any kind writes reads back as an equal one")
    func roundTrip() throws {
        for domain in Self.all {
            let kind = try #require(Domain.kind(named: domain.name))
            #expect(try Domain(kind, WrittenFields(domain.fields)) == domain)
            let written = domain.fields.map(\.key)
            #expect(written == kind.keys.filter(written.contains), "\(domain)")
            let leftOut = kind.keys.filter { !written.contains($0) }
            #expect(Set(leftOut).isSubset(of: Self.optional), "\(domain)")
            #expect(domain.kind.domain == domain)
        }
    }

    @Test("What is written beside the type")
    func written() {
        #expect(
            Domain.number(0.1...1, .log).fields.map(\.value)
                == [.number(0.1), .number(1), .word("log")])
        #expect(
            Domain.integer(-3...8, .linear).fields.map(\.value)
                == [.integer(-3), .integer(8), .word("linear")])
        #expect(
            Domain.choice([.text("a"), .flag(true)]).fields.map(\.value)
                == [.values([.text("a"), .flag(true)])])
        #expect(
            Domain.ordinal([.integer(2), .number(1)]).fields.map(\.value)
                == [.values([.integer(2), .number(1)])])
        #expect(Domain.fixed(.text("adam")).fields.map(\.value) == [.value(.text("adam"))])
        #expect(Domain.bool.fields.isEmpty)
    }

    @Test("A range is linear when nothing is said of its scale")
    func defaultScale() throws {
        let numbers = WrittenFields([("min", .number(0)), ("max", .number(1))])
        #expect(try Domain(FloatDomain.self, numbers) == .number(0...1, .linear))
        let integers = WrittenFields([("min", .integer(0)), ("max", .integer(1))])
        #expect(try Domain(IntDomain.self, integers) == .integer(0...1, .linear))
    }

    @Test(
        "A range that is none is refused before a range is made of it",
        arguments: [(2, 1), (1, 1), (.nan, 1), (1, .nan)] as [(Double, Double)])
    func order(lower: Double, upper: Double) throws {
        let fault = try #require(Domain.orderFault(of: lower, upper))
        let fields = WrittenFields([("min", .number(lower)), ("max", .number(upper))])
        #expect(throws: WrittenFields.Failure(reason: fault)) {
            try Domain(FloatDomain.self, fields)
        }
        guard let lower = Int64(exactly: lower), let upper = Int64(exactly: upper) else { return }
        let integerFault = try #require(Domain.orderFault(of: lower, upper))
        let integers = WrittenFields([("min", .integer(lower)), ("max", .integer(upper))])
        #expect(throws: WrittenFields.Failure(reason: integerFault)) {
            try Domain(IntDomain.self, integers)
        }
    }

    @Test("What is missing or wrong is said by the reader of the file")
    func failures() throws {
        for domain in Self.all {
            let kind = try #require(Domain.kind(named: domain.name))
            for key in kind.keys where !Self.optional.contains(key) {
                let fields = WrittenFields(domain.fields.filter { $0.key != key })
                let failure = #expect(throws: WrittenFields.Failure.self) {
                    try Domain(kind, fields)
                }
                #expect(failure?.reason.contains("“\(key)”") == true)
            }
        }
        let scaled = WrittenFields([
            ("min", .number(0)), ("max", .number(1)), ("scale", .word("square")),
        ])
        #expect(throws: WrittenFields.Failure(reason: "There is no scale “scale”.")) {
            try Domain(FloatDomain.self, scaled)
        }
    }
}
