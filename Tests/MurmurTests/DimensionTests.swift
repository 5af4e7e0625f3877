import Evolution
import Messages
import Testing

@testable import Histories
@testable import struct Murmuration.Population

/// What a coordinator tells of a search space is enough to explain how values moved.
struct DimensionTests {
    private static let domains: [Domain?] = [
        .number(0...1, .linear), .number(0.01...1, .log, step: 0.01),
        .integer(8...256, .log, step: 8), .integer(-3...3, .linear), .bool,
        .choice([.text("a"), .flag(true)]), .ordinal([.integer(1), .number(2.5)]),
        FloatDomain(
            min: 0, max: 1, scale: .linear,
            details: NumberDetails(initialMin: 0.25, initialMax: 0.5)
        )?.domain,
        FloatDomain(
            min: nil, max: nil, scale: .log,
            details: NumberDetails(draw: .lognormal(mean: -2, sd: 1)))?.domain,
        FloatDomain(
            min: nil, max: 7, scale: .linear,
            details: NumberDetails(step: 0.5, draw: .normal(mean: 1, sd: 2), initialMax: 4))?
            .domain,
        IntDomain(
            min: 0, max: nil, scale: .linear,
            details: NumberDetails(draw: .normal(mean: 4, sd: 1.5))
        )?.domain,
        IntDomain(
            min: nil, max: nil, scale: .linear,
            details: NumberDetails(initialMin: -5, initialMax: 5)
        )?.domain,
    ]

    private func told(_ domains: [Domain]) throws -> Population {
        let space = try SearchSpace(
            domains.enumerated().map { Hyperparameter(name: "h\($0)", domain: $1) },
            constraints: Constraint.read("h0 < h1", names: ["h0", "h1"]))
        let population = Evolution.Population(Specification(space: space))
        let wire = WirePopulation(name: "p", population: population, training: 0)
        return Population(wire)
    }

    @Test("Every domain is told as it is")
    func domains() throws {
        let domains = Self.domains.compactMap(\.self)
        #expect(domains.count == Self.domains.count)
        let population = try told(domains)
        #expect(population.space.map(Domain.init) == domains)
        #expect(population.constraints == ["h0 < h1"])
    }

    @Test("Where there is no bound, pictures go as far as members begin")
    func shown() throws {
        let space = try told(Self.domains.compactMap(\.self)).space
        let beyond = space.filter { $0.unbounded != nil }
        #expect(beyond.map(\.unbounded) == [.both, .below, .above, .both])
        let log = try #require(beyond.first)
        #expect(try #require(log.min) > 0 && log.max ?? 0 > 0.1)
        #expect(beyond[1].min == -5 && beyond[1].max == 7)
        #expect(beyond[2].min == 0 && beyond[2].max == 9)
        #expect(beyond[3].min == -5 && beyond[3].max == 5)
    }

    @Test("What a coordinator says of a number that cannot be is passed over")
    func hostile() throws {
        var dimension = try #require(
            try told([.number(0...1, .linear), .number(2...3, .linear)]).space.first)
        for step in [-1, .nan, 1e-300, 0.3, .infinity] {
            dimension.step = step
            #expect(Domain(dimension) == .number(0...1, .linear))
        }
        dimension.step = nil
        for draw in ["normal", "lognormal", "newer"] {
            dimension.beginning = .init(
                draw: draw, mean: .nan, sd: .infinity, min: .nan, max: -1)
            #expect(Domain(dimension) == .number(0...1, .linear))
        }
    }
}
