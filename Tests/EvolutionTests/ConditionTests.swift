import Testing

@testable import Evolution

struct ConditionTests {
    /// An optimizer, a rate, a momentum of sgd alone, and what only a high momentum has.
    private static let hyperparameters = [
        Hyperparameter(name: "momentum", domain: .ordinal([.number(0.5), .number(0.9)])),
        Hyperparameter(name: "rate", domain: .number(0.001...1, .log)),
        Hyperparameter(
            name: "optimizer", domain: .choice([.text("sgd"), .text("adam"), .text("none")])),
        Hyperparameter(name: "nesterov", domain: .bool),
    ]

    private func space(_ conditions: [Int: [Condition]]) throws -> SearchSpace {
        try SearchSpace(
            Self.hyperparameters,
            conditions: Self.hyperparameters.indices.map { conditions[$0] ?? [] })
    }

    private static func optimizer(_ values: String...) -> Condition {
        Condition(parent: 2, values: values.map(Value.text))
    }

    private static let ofSGD: [Int: [Condition]] = [
        0: [optimizer("sgd")], 1: [optimizer("sgd", "adam")],
        3: [Condition(parent: 0, values: [.number(0.9)])],
    ]

    private func places(_ values: [Value], _ space: SearchSpace) -> [Int] {
        Configuration(values, in: space).places
    }

    @Test("A hyperparameter counts while others have values, and count themselves")
    func activity() throws {
        let space = try space(Self.ofSGD)
        var values: [Value] = [.number(0.9), .number(0.1), .text("sgd"), .flag(true)]
        #expect(places(values, space) == [0, 1, 2, 3])
        values[0] = .number(0.5)
        #expect(places(values, space) == [0, 1, 2])
        values[2] = .text("adam")
        #expect(places(values, space) == [1, 2])
        values[0] = .number(0.9)
        #expect(places(values, space) == [1, 2])
        // What a user set, and no list has.
        values[2] = .text("lion")
        #expect(places(values, space) == [2])
        #expect(Configuration(values, in: space).active(of: ["m", "r", "o", "n"]) == ["o"])
        #expect(places(values, try self.space([:])) == [0, 1, 2, 3])
        #expect(try self.space([:]).conditions.isEmpty)
        #expect(space.conditionalNames == ["momentum", "rate", "nesterov"])
    }

    @Test("A whole number and a number are one, and conditions on one parent are one condition")
    func normalized() throws {
        let width = Hyperparameter(name: "width", domain: .integer(1...9, .linear))
        let other = Hyperparameter(name: "other", domain: .bool)
        let space = try SearchSpace(
            [width, other],
            conditions: [
                [],
                [
                    Condition(parent: 0, values: [.number(3), .integer(4), .integer(3)]),
                    Condition(parent: 0, values: [.integer(3), .integer(5)]),
                ],
            ])
        #expect(space.conditions == [[], [Condition(parent: 0, values: [.integer(3)])]])
    }

    @Test("What counts anew has the value that was kept, and what counts no more stays")
    func kept() throws {
        let space = try space(Self.ofSGD)
        let donor: [Value] = [.number(0.9), .number(0.1), .text("adam"), .flag(false)]
        let operations: [Evolution.Operation] = [.perturbed, .perturbed, .perturbed, .perturbed]
        let moved: [Value] = [.number(0.5), .number(0.2), .text("sgd"), .flag(true)]
        let (values, how) = space.kept((moved, operations), from: donor)
        // The kept momentum makes nesterov count too.
        #expect(values == [.number(0.9), .number(0.2), .text("sgd"), .flag(false)])
        #expect(how == [.kept, .perturbed, .perturbed, .kept])
        #expect(places(values, space) == [0, 1, 2, 3])
        let none: [Value] = [.number(0.5), .number(0.2), .text("none"), .flag(true)]
        let (rest, still) = space.kept((none, operations), from: donor)
        #expect(rest == [.number(0.9), .number(0.1), .text("none"), .flag(false)])
        #expect(still == [.kept, .kept, .perturbed, .kept])
    }

    @Test("A constraint counts only where all that it is between do")
    func constraints() throws {
        let numbers = ["a", "b"].map { Hyperparameter(name: $0, domain: .number(0...1, .linear)) }
        let isTied = Hyperparameter(name: "is_tied", domain: .bool)
        let order = Constraint.order(less: 0, more: 1, isStrict: true)
        let space = try SearchSpace(
            numbers + [isTied], constraints: [order],
            conditions: [[], [Condition(parent: 2, values: [.flag(true)])], []])
        #expect(space.keeps([.number(0.9), .number(0.1), .flag(false)]))
        #expect(!space.keeps([.number(0.9), .number(0.1), .flag(true)]))
        #expect(space.canComplete([.number(0.9), .number(0.1), .flag(false)]))
        // Nobody knows yet whether it will.
        #expect(!space.canComplete([.number(0.9), .number(0.1), nil]))
        let repaired = space.repaired(
            [.number(0.9), .number(0.1), .flag(true)], given: [false, false, false])
        #expect(space.keeps(repaired))
    }

    @Test("Without conditions nothing is drawn otherwise")
    func without() throws {
        let plain = try SearchSpace(Self.hyperparameters)
        let conditional = try space(Self.ofSGD)
        for member in 0..<50 {
            let one = try specification(space: plain).initialHyperparameters(of: member)
            #expect(try specification(space: conditional).initialHyperparameters(of: member) == one)
        }
    }

    @Test(
        "What cannot be is refused",
        arguments: [
            ([0: [Condition(parent: 0, values: [.number(0.5)])]], "one on itself"),
            ([0: [Condition(parent: 2, values: [])]], "has no values"),
            ([0: [Condition(parent: 2, values: [.text("lion")])]], "has “lion”, which that one"),
            ([0: [Condition(parent: 1, values: [.number(7)])]], "has 7.0, which that one never is"),
            (
                [
                    0: [Condition(parent: 3, values: [.flag(true)])],
                    3: [Condition(parent: 0, values: [.number(0.5)])],
                ], "in a circle"
            ),
            (
                [
                    0: [optimizer("sgd")],
                    3: [Condition(parent: 0, values: [.number(0.5)]), optimizer("adam")],
                ], "want of “optimizer” what it never is at the same time"
            ),
            ([0: [optimizer("sgd"), optimizer("adam")]], "has no values that all its conditions"),
        ] as [([Int: [Condition]], String)])
    func refused(conditions: [Int: [Condition]], words: String) throws {
        let error = try #require(throws: SpaceError.self) { try space(conditions) }
        #expect(error.description.contains(words), "\(error)")
        #expect(error.hyperparameter != nil)
        #expect(error.reason.hasSuffix("."))
    }

    @Test("Nothing depends on what a constraint is between, and lists are short")
    func bounded() throws {
        let numbers = ["a", "b"].map { Hyperparameter(name: $0, domain: .integer(1...9, .linear)) }
        let error = try #require(throws: SpaceError.self) {
            try SearchSpace(
                numbers, constraints: [.order(less: 0, more: 1, isStrict: true)],
                conditions: [[], [Condition(parent: 0, values: [.integer(3)])]])
        }
        #expect(error.description.contains("others have conditions on it"))
        let many = (0..<400).map { Value.text("value \($0)") }
        let long = try #require(throws: SpaceError.self) {
            try SearchSpace(
                [
                    Hyperparameter(name: "a", domain: .choice(many)),
                    Hyperparameter(name: "b", domain: .bool),
                ], conditions: [[], [Condition(parent: 0, values: many)]])
        }
        #expect(long.description.contains("so that they take 4096"))
    }
}
