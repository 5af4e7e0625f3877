import Evolution
import Testing

@testable import Coordinator

/// Spaces with groups, conditions, and values that are lists.
struct ShapedSpaceTests {
    @Test("Hyperparameters in a group are named after it, and so in points to evaluate")
    func groups() throws {
        let nested = """
            hyperparameters:
              optimizer:
                type: {type: choice, values: [adam, sgd]}
                lr: {type: float, min: 0, max: 1}
                adam.eps: 1e-8
              model: {type: resnet, blocks: {depth: {type: int, min: 1, max: 20}, act: relu}}
              scale: {min: {type: bool}}
            points_to_evaluate:
              - {optimizer: {type: sgd, lr: 0.5}, model: {blocks: {depth: 3}}}
              - {optimizer.lr: 0.25}
            """
        let flat = """
            hyperparameters:
              optimizer.type: {type: choice, values: [adam, sgd]}
              optimizer.lr: {type: float, min: 0, max: 1}
              optimizer.adam.eps: 1e-8
              model.type: resnet
              model.blocks.depth: {type: int, min: 1, max: 20}
              model.blocks.act: relu
              scale.min: {type: bool}
            points_to_evaluate:
              - {optimizer.type: sgd, optimizer.lr: 0.5, model.blocks.depth: 3}
              - {optimizer.lr: 0.25}
            """
        let specification = try SpaceFile.parse(text: nested, source: "")
        #expect(specification == (try SpaceFile.parse(text: flat, source: "")))
        let canonical = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
    }

    @Test("A hyperparameter or a group counts only where others have some values")
    func conditions() throws {
        let text = """
            hyperparameters:
              momentum: {type: float, min: 0, max: 1, when: {optimizer: {name: sgd}, warm: [true]}}
              optimizer:
                name: {type: choice, values: [adam, adamw, sgd]}
                adam:
                  when: {optimizer.name: [adam, adamw]}
                  beta: {type: float, min: 0.5, max: 0.99}
                  decay: {type: float, min: 0, max: 1, when: {optimizer.name: adamw}}
                  eps: 1.0e-8
              warm: {type: bool}
            points_to_evaluate: [{optimizer.name: sgd}]
            """
        let specification = try SpaceFile.parse(text: text, source: "")
        func names(_ values: Value...) -> Condition { Condition(parent: 1, values: values) }
        #expect(
            specification.space.conditions == [
                [names(.text("sgd")), Condition(parent: 5, values: [.flag(true)])], [],
                [names(.text("adam"), .text("adamw"))], [names(.text("adamw"))],
                [names(.text("adam"), .text("adamw"))], [],
            ])
        let canonical = SpaceFile.render(specification)
        #expect(canonical.contains(#"when: {"optimizer.name": ["adam", "adamw"]}}"#))
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
    }

    @Test("Values may be lists and null")
    func lists() throws {
        let text = """
            hyperparameters:
              kernel:
                type: ordinal
                values:
                  - [3, 3.0, 1.0e-5]
                  - [[relu, 'a "b"'], []]
                  - null
                  - true
              betas: {type: fixed, value: [0.9, 0.999]}
              clip: ~
              free: {type: bool, when: {kernel: [[3, 3, 1.0e-5], null]}}
            points_to_evaluate: [{kernel: [3.0, 3, 0.00001]}, {kernel: null}]
            """
        let specification = try SpaceFile.parse(text: text, source: "")
        let first = Value.json("[3,3.0,1e-05]")
        #expect(
            specification.space.hyperparameters.map(\.domain) == [
                .ordinal([first, .json(#"[["relu","a \"b\""],[]]"#), .null, .flag(true)]),
                .fixed(.json("[0.9,0.999]")), .fixed(.null), .bool,
            ])
        #expect(specification.pointsToEvaluate.map { $0[0] } == [first, .null])
        #expect(
            specification.space.conditions[3] == [Condition(parent: 0, values: [first, .null])])
        let canonical = SpaceFile.render(specification)
        #expect(try SpaceFile.parse(text: canonical, source: "") == specification)
    }
}
