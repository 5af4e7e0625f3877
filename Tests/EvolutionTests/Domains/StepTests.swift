import Testing

@testable import Evolution

/// Numbers that go by steps.
struct StepTests {
    private static let domains: [Domain] = {
        let linear: [Domain] = [
            .number(0...1, .linear, step: 0.1), .number(-0.5...0.5, .linear, step: 0.05),
            .number(-3...(-1), .linear, step: 0.5), .number(0...2, .linear, step: 2.0 / 7),
            .number(0...1, .linear, step: 1), .integer(0...30, .linear, step: 3),
            .integer(-16...16, .linear, step: 4), .integer(5...6, .linear, step: 1),
        ]
        let log: [Domain] = [
            .number(1e-4...1e-2, .log, step: 1e-4), .number(0.5...8, .log, step: 0.5),
            .integer(8...256, .log, step: 8), .integer(1...2, .log, step: 1),
        ]
        return linear + log
    }()

    @Test("What is drawn and explored is on a step, and a perturbation leads to another one")
    func onSteps() throws {
        for domain in Self.domains {
            #expect(domain.fault == nil)
            for factors in [[0.8, 1.25], [1.0], [1.0001, 0.9999], [0.01, 100]] {
                var draws = Draws(seed: 11, member: 0, report: 0)
                var value = domain.draw(&draws)
                for _ in 0..<300 {
                    #expect(isOnStep(value, domain), "\(value) of \(domain)")
                    #expect(domain.contains(value))
                    #expect(domain.typed(value) == value)
                    let next = try #require(domain.perturb(value, factors: factors, &draws))
                    #expect(next != value, "\(domain) from \(value) by \(factors)")
                    let words = domain.move(from: value, to: next, factors: factors)
                    #expect(words != nil, "\(domain) from \(value) to \(next)")
                    value = next
                }
            }
        }
    }

    private func isOnStep(_ value: Value, _ domain: Domain) -> Bool {
        guard let number = value.asNumber, let (lower, upper, step) = bounds(of: domain) else {
            return false
        }
        let steps = (number - lower) / step
        return number >= lower && number <= upper && abs(steps - steps.rounded()) < 1e-6
    }

    private func bounds(of domain: Domain) -> (Double, Double, Double)? {
        switch domain {
        case .float(let kind):
            kind.details.step.map { (kind.range.lowerBound, kind.range.upperBound, $0) }
        case .int(let kind):
            kind.details.step.map {
                (Double(kind.range.lowerBound), Double(kind.range.upperBound), $0)
            }
        default: nil
        }
    }

    @Test("Each step is drawn, as likely in the scale")
    func draws() {
        func drawn(_ domain: Domain) -> [Value: Int] {
            var counts: [Value: Int] = [:]
            for report in 0..<4_000 {
                var draws = Draws(seed: 2, member: 0, report: report)
                counts[domain.draw(&draws), default: 0] += 1
            }
            return counts
        }
        let linear = drawn(.number(0...0.3, .linear, step: 0.1))
        #expect(Set(linear.keys) == [.number(0), .number(0.1), .number(0.2), .number(0.3)])
        #expect(linear.values.allSatisfy { abs($0 - 1_000) < 150 })
        // Of the logarithm from 2 to 16 each doubling is a third: 2 stands for 2 to 4, 4 and 6 for 4
        // to 8, and the rest for 8 to 16.
        let log = drawn(.integer(2...14, .log, step: 2))
        #expect(Set(log.keys) == Set([2, 4, 6, 8, 10, 12, 14].map(Value.integer)))
        #expect(abs(log[.integer(2), default: 0] - 1_333) < 150)
        let between = log[.integer(4), default: 0] + log[.integer(6), default: 0]
        #expect(abs(between - 1_333) < 150)
    }

    @Test("A bound reflects, and where a factor is too small a neighbour is next")
    func moves() {
        func values(_ domain: Domain, from value: Value, _ factors: [Double]) -> Set<Value> {
            Set(
                (0..<100).compactMap { report in
                    var draws = Draws(seed: 4, member: 0, report: report)
                    return domain.perturb(value, factors: factors, &draws)
                })
        }
        let tenths = Domain.number(0...1, .linear, step: 0.1)
        #expect(values(tenths, from: .number(0.9), [1.4]) == [.number(0.7)])
        #expect(values(tenths, from: .number(0.9), [1.25]) == [.number(1)])
        #expect(values(tenths, from: .number(0.5), [0.8, 1.25]) == [.number(0.4), .number(0.6)])
        #expect(values(tenths, from: .number(0.1), [0.8, 1.25]) == [.number(0), .number(0.2)])
        #expect(values(tenths, from: .number(1), [1]) == [.number(0.9)])
        #expect(values(tenths, from: .number(0), [0.8, 1.25]) == [.number(0.2)])
        let eights = Domain.integer(8...256, .log, step: 8)
        #expect(values(eights, from: .integer(64), [0.8, 1.25]) == [.integer(48), .integer(80)])
        #expect(values(eights, from: .integer(8), [0.8, 1.25]) == [.integer(16)])
        // What a user set between two steps moves from the nearer one.
        #expect(values(eights, from: .integer(66), [0.8, 1.25]) == [.integer(48), .integer(80)])
        #expect(values(tenths, from: .number(7), [0.8]) == [.number(0.8)])
    }

    @Test("Fewer than ten steps are few values")
    func few() {
        #expect(Domain.number(0...0.8, .linear, step: 0.1).hasFewValues)
        #expect(!Domain.number(0...0.9, .linear, step: 0.1).hasFewValues)
        #expect(Domain.integer(0...80, .linear, step: 10).hasFewValues)
        #expect(!Domain.integer(0...90, .linear, step: 10).hasFewValues)
    }

    @Test("A value that was computed is that of its step, and one between two is none")
    func typed() {
        let tenths = Domain.number(0...1, .linear, step: 0.1)
        #expect(tenths.typed(.number(0.1 + 0.2)) == .number(0.3))
        #expect(tenths.contains(.number(0.1 + 0.2)))
        #expect(tenths.typed(.integer(1)) == .number(1))
        #expect(!tenths.contains(.number(0.35)))
        #expect(!tenths.contains(.number(1.1)))
        #expect(!Domain.integer(0...10, .linear, step: 5).contains(.integer(6)))
        #expect(Domain.integer(0...10, .linear, step: 5).contains(.number(5)))
    }

    @Test("Every hundredth of a step from 0 to 1 reads back as itself")
    func every() {
        for count in 2...100 {
            let domain = Domain.number(0...1, .linear, step: 1 / Double(count))
            guard domain.fault == nil else { continue }
            for index in 0...count {
                let value = Value.number(Double(index) / Double(count))
                #expect(domain.contains(value), "\(index)/\(count)")
            }
        }
    }
}
