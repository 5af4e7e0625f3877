import Testing

@testable import Evolution

/// Where members begin, and ranges without a bound.
struct BeginningTests {
    private func float(
        _ min: Double?, _ max: Double?, _ scale: Scale = .linear, _ details: NumberDetails
    ) throws -> Domain {
        let domain = try #require(
            FloatDomain(min: min, max: max, scale: scale, details: details)
        ).domain
        try #require(domain.fault == nil)
        return domain
    }

    private func int(
        _ min: Int64?, _ max: Int64?, _ scale: Scale = .linear, _ details: NumberDetails
    ) throws -> Domain {
        let domain = try #require(
            IntDomain(min: min, max: max, scale: scale, details: details)
        ).domain
        try #require(domain.fault == nil)
        return domain
    }

    private func drawn(_ domain: Domain, _ count: Int = 4_000) -> [Double] {
        (0..<count).compactMap { report in
            var draws = Draws(seed: 8, member: 0, report: report)
            return domain.draw(&draws).asNumber
        }
    }

    private func deviation(_ numbers: [Double]) -> Double {
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count))
            .squareRoot()
    }

    @Test("A normal beginning has its mean and its deviation")
    func normal() throws {
        let details = NumberDetails(draw: .normal(mean: 3, sd: 0.5))
        let numbers = drawn(try float(nil, nil, .linear, details))
        #expect(abs(numbers.reduce(0, +) / 4_000 - 3) < 0.03)
        #expect(abs(deviation(numbers) - 0.5) < 0.03)
        // The quartiles of a normal distribution are 0.6745 deviations away.
        #expect(abs(quantile(0.25, of: numbers) - (3 - 0.6745 * 0.5)) < 0.04)
        #expect(abs(quantile(0.75, of: numbers) - (3 + 0.6745 * 0.5)) < 0.04)
    }

    @Test("Of a lognormal one the logarithm has them")
    func lognormal() throws {
        let details = NumberDetails(draw: .lognormal(mean: -2, sd: 1))
        let numbers = drawn(try float(nil, nil, .log, details))
        let logarithms = numbers.map(Scale.log.coordinate)
        #expect(numbers.allSatisfy { $0 > 0 })
        #expect(abs(logarithms.reduce(0, +) / 4_000 + 2) < 0.06)
        #expect(abs(deviation(logarithms) - 1) < 0.05)
    }

    @Test("A normal beginning is cut off at bounds, however narrow")
    func truncated() throws {
        let wide = NumberDetails(draw: .normal(mean: 0, sd: 1))
        let cut = drawn(try float(0, 0.5, .linear, wide))
        #expect(cut.allSatisfy { (0...0.5).contains($0) })
        #expect(abs(median(cut) - 0.24) < 0.03)
        let narrow = NumberDetails(draw: .normal(mean: 0.5, sd: 1e9))
        let even = drawn(try float(0, 1, .linear, narrow))
        #expect(even.allSatisfy { (0...1).contains($0) })
        #expect(abs(quantile(0.25, of: even) - 0.25) < 0.04)
        #expect(abs(median(even) - 0.5) < 0.04)
    }

    @Test("Members begin in the initial range, and leave it as they are explored")
    func initialRange() throws {
        let details = NumberDetails(initialMin: 1e-3, initialMax: 1e-2)
        let domain = try float(1e-6, 1, .log, details)
        let numbers = drawn(domain)
        #expect(numbers.allSatisfy { (1e-3...1e-2).contains($0) })
        #expect(abs(median(numbers) - 10.squareRoot() * 1e-3) < 3e-4)
        var draws = Draws(seed: 1, member: 0, report: 0)
        var value = domain.draw(&draws)
        var least = 1.0
        for _ in 0..<200 {
            value = try #require(domain.perturb(value, factors: [0.5, 1.25], &draws))
            #expect(domain.contains(value))
            least = min(least, value.asNumber ?? 1)
        }
        #expect(least < 1e-4)
        // One of its ends alone.
        let upper = try float(0, 1, .linear, NumberDetails(initialMin: 0.9))
        #expect(drawn(upper, 200).allSatisfy { (0.9...1).contains($0) })
    }

    @Test("Without a bound a number goes as far as it is led")
    func open() throws {
        let details = NumberDetails(draw: .lognormal(mean: 0, sd: 1))
        let domain = try float(nil, nil, .log, details)
        var draws = Draws(seed: 1, member: 0, report: 0)
        var value = Value.number(1)
        for _ in 0..<100 {
            value = try #require(domain.perturb(value, factors: [2], &draws))
        }
        #expect(value == .number(0x1p100))
        let halved = try float(0, nil, .linear, NumberDetails(initialMax: 2))
        #expect(halved.perturb(.number(-3), factors: [2], &draws).map(halved.contains) == true)
        #expect(halved.contains(.number(1e200)))
        #expect(!halved.contains(.number(-1)))
    }

    @Test("In an open range that crosses 0 a number moves by a fifth of the initial width")
    func shifts() throws {
        func moved(_ domain: Domain, from value: Value) -> Set<Value> {
            Set(
                (0..<60).compactMap { report in
                    var draws = Draws(seed: 4, member: 0, report: report)
                    return domain.perturb(value, factors: [2], &draws)
                })
        }
        let ranged = try float(nil, nil, .linear, NumberDetails(initialMin: -5, initialMax: 5))
        #expect(moved(ranged, from: .number(1)) == [.number(3), .number(-1)])
        let words = ranged.move(from: .number(1), to: .number(3), factors: [2])
        #expect(words == "+ 20 % of the initial range")
        // One deviation of a normal one.
        let normal = try float(nil, nil, .linear, NumberDetails(draw: .normal(mean: 0, sd: 4)))
        #expect(moved(normal, from: .number(0)) == [.number(4), .number(-4)])
        let whole = try int(nil, nil, .linear, NumberDetails(initialMin: -10, initialMax: 10))
        #expect(moved(whole, from: .integer(0)) == [.integer(4), .integer(-4)])
    }

    @Test("Integers and steps begin so too")
    func whole() throws {
        let whole = drawn(try int(1, nil, .linear, NumberDetails(draw: .normal(mean: 8, sd: 2))))
        #expect(whole.allSatisfy { $0 >= 1 && $0 == $0.rounded() })
        #expect(abs(whole.reduce(0, +) / 4_000 - 8) < 0.15)
        let tenths = try float(
            nil, nil, .linear, NumberDetails(step: 0.1, draw: .normal(mean: 0, sd: 0.2)))
        #expect(Set(drawn(tenths)).isSuperset(of: [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]))
        #expect(tenths.contains(.number(4.7)) && !tenths.contains(.number(4.75)))
        let some = try int(
            0, 100, .linear, NumberDetails(step: 10, initialMin: 15, initialMax: 45))
        #expect(Set(drawn(some)) == [20, 30, 40])
        let scaled = try int(
            8, 256, .log, NumberDetails(step: 8, initialMin: 16, initialMax: 32))
        #expect(Set(drawn(scaled)) == [16, 24, 32])
    }

    struct Mistake: Sendable {
        var min: Double?
        var max: Double?
        var scale = Scale.linear
        var details: NumberDetails
        var words: String
    }

    static let mistakes = [
        Mistake(min: 0, details: NumberDetails(), words: "It has no max and is drawn evenly"),
        Mistake(
            max: 1, details: NumberDetails(initialMax: 1), words: "has no min and is drawn evenly"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(draw: .normal(mean: 2, sd: 1)),
            words: "Its mean 2 is outside of where it begins, from 0 to 1"),
        Mistake(
            min: 0.1, max: 1, scale: .log, details: NumberDetails(draw: .lognormal(mean: 1, sd: 1)),
            words: "Its mean 1, which is 2.718"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(draw: .normal(mean: 0.5, sd: 0)),
            words: "Its sd is 0; write one above 0"),
        Mistake(
            min: 0.1, max: 1, details: NumberDetails(draw: .lognormal(mean: -1, sd: 1)),
            words: "lognormal on a linear scale"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(initialMin: -1),
            words: "Its initial_min -1 is outside of its range"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(initialMin: 0.5, initialMax: 0.2),
            words: "Where it begins is no range. Its range is reversed"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(initialMin: 1), words: "begins is one value, 1"),
        Mistake(
            min: 0, max: 1, details: NumberDetails(step: 0.5, initialMin: 0.1, initialMax: 0.2),
            words: "No step is where it begins"),
        Mistake(
            max: 8, scale: .log,
            details: NumberDetails(step: 0.5, draw: .normal(mean: 2, sd: 1)),
            words: "has no min; write one, from which they count"),
    ]

    @Test("What cannot be drawn is refused", arguments: mistakes)
    func refuses(_ mistake: Mistake) throws {
        let domain = try #require(
            FloatDomain(
                min: mistake.min, max: mistake.max, scale: mistake.scale, details: mistake.details))
        #expect(try #require(domain.fault).contains(mistake.words))
    }

    @Test("Each move in a range of any form leads to a value of it, and can be told")
    func random() throws {
        var valid = 0
        for seed in 0..<400 as Range<UInt64> { valid += try explores(seed: seed) ? 1 : 0 }
        #expect(valid > 200)
    }

    /// - Returns: Whether the seed makes a range that can be searched.
    private func explores(seed: UInt64) throws -> Bool {
        var generator = Scatter(seed)
        func one<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: 0..<elements.count, using: &generator)]
        }
        let scale = one([Scale.linear, .log])
        let lower = Double.random(in: scale == .log ? 0.001...1 : -10...10, using: &generator)
        let width = Double.random(in: 1...20, using: &generator)
        let step = one([nil, 0.25, 1, width / 7])
        let centre = lower + width / 2
        let mean = scale == .log ? Scale.log.coordinate(of: centre) : centre
        let distributions: [Distribution] = [
            .uniform, .normal(mean: centre, sd: width), .normal(mean: centre, sd: width / 9),
            scale == .log ? .lognormal(mean: mean, sd: 1) : .uniform,
        ]
        let draw = one(distributions)
        let details = NumberDetails(
            step: step, draw: draw, initialMin: one([nil, lower + width / 8]),
            initialMax: one([nil, lower + width * 7 / 8]))
        // The range of a space file: to a whole number of steps, and open where it may be.
        let most = step.map { lower + (width / $0 + 1e-9).rounded(.down) * $0 } ?? lower + width
        let isBell = draw != .uniform
        let isOpenBelow =
            (isBell || details.initialMin != nil) && (scale == .linear || step == nil)
        let min = isOpenBelow ? one([lower, nil]) : lower
        let max = isBell || details.initialMax != nil ? one([most, nil]) : most
        let domain = try #require(
            FloatDomain(min: min, max: max, scale: scale, details: details)
        ).domain
        guard domain.fault == nil else { return false }
        var draws = Draws(seed: seed, member: 0, report: 0)
        var value = domain.draw(&draws)
        for _ in 0..<40 {
            #expect(domain.contains(value), "\(value) of \(domain)")
            let next = try #require(domain.perturb(value, factors: [0.8, 1.25], &draws))
            let words = domain.move(from: value, to: next, factors: [0.8, 1.25])
            #expect(words != nil, "\(domain) from \(value) to \(next)")
            value = next
        }
        #expect(domain.contains(value))
        let kind = try #require(Domain.kind(named: domain.name))
        #expect(try Domain(kind, WrittenFields(domain.fields)) == domain, "\(domain)")
        return true
    }
}
