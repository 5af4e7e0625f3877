/// What may change of a specification while its population trains. `nil` stays as it is.
package struct Adjustment: Hashable, Sendable {
    /// The step at which a member is finished; 0 for none.
    package var maxSteps: Int?
    package var interval: Int?
    package var burnIn: Int?
    package var fraction: Double?
    package var minPopulationSize: Int?
    package var resampleProbability: Double?

    package init() {}

    package var isEmpty: Bool { self == Adjustment() }

    /// What it changes, as `specification` has it now: what undoes it.
    package func undoing(in specification: Specification) -> Adjustment {
        var now = Adjustment()
        if maxSteps != nil { now.maxSteps = specification.maxSteps ?? 0 }
        if interval != nil { now.interval = specification.interval }
        if burnIn != nil { now.burnIn = specification.burnIn }
        if fraction != nil { now.fraction = specification.fraction }
        if minPopulationSize != nil { now.minPopulationSize = specification.minPopulationSize }
        if resampleProbability != nil {
            now.resampleProbability = specification.resampleProbability
        }
        return now
    }
}

extension Specification {
    package mutating func apply(_ adjustment: Adjustment) {
        if let steps = adjustment.maxSteps { maxSteps = steps == 0 ? nil : steps }
        if let steps = adjustment.interval { interval = steps }
        if let steps = adjustment.burnIn { burnIn = steps }
        if let fraction = adjustment.fraction { self.fraction = fraction }
        if let size = adjustment.minPopulationSize { minPopulationSize = size }
        if let probability = adjustment.resampleProbability { resampleProbability = probability }
    }
}
