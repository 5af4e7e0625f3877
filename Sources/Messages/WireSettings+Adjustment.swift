import Evolution

extension WireSettings {
    package init(_ adjustment: Adjustment) {
        self.init()
        if let steps = adjustment.maxSteps { maxSteps = UInt64(steps) }
        if let steps = adjustment.interval { interval = UInt64(steps) }
        if let steps = adjustment.burnIn { burnIn = UInt64(steps) }
        if let fraction = adjustment.fraction { self.fraction = fraction }
        if let size = adjustment.minPopulationSize { minPopulationSize = UInt64(size) }
        if let probability = adjustment.resampleProbability { resampleProbability = probability }
    }

    /// What is to change. Numbers beyond the largest are refused when the result is validated.
    package var adjustment: Adjustment {
        var adjustment = Adjustment()
        if hasMaxSteps { adjustment.maxSteps = Int(clamping: maxSteps) }
        if hasInterval { adjustment.interval = Int(clamping: interval) }
        if hasBurnIn { adjustment.burnIn = Int(clamping: burnIn) }
        if hasFraction { adjustment.fraction = fraction }
        if hasMinPopulationSize { adjustment.minPopulationSize = Int(clamping: minPopulationSize) }
        if hasResampleProbability { adjustment.resampleProbability = resampleProbability }
        return adjustment
    }
}
