import Evolution
import Messages

extension WireCreatePopulation {
    /// Sets the options that are present.
    ///
    /// - Returns: their names in a space file.
    func override(_ specification: inout Specification) -> Set<String> {
        var overridden: Set<String> = []
        // Numbers beyond the largest step are refused when the result is validated.
        if hasPopulationSize {
            specification.populationSize = Int(clamping: populationSize)
            overridden.insert("population_size")
        }
        if hasInterval {
            specification.interval = Int(clamping: interval)
            overridden.insert("interval")
        }
        if hasMaxSteps {
            specification.maxSteps = Int(clamping: maxSteps)
            overridden.insert("max_steps")
        }
        if hasMinimize {
            specification.objective = minimize ? .minimize : .maximize
            overridden.insert("objective")
        }
        if hasSeed {
            specification.seed = seed
            overridden.insert("seed")
        }
        if hasFraction {
            specification.fraction = fraction
            overridden.insert("fraction")
        }
        if hasSynchronous {
            specification.mode = synchronous ? .synchronous : .asynchronous
            overridden.insert("mode")
        }
        if hasGenerationDeadlineSeconds {
            specification.generationDeadline = generationDeadlineSeconds
            overridden.insert("generation_deadline")
        }
        return overridden
    }
}
