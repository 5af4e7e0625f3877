import Evolution

/// An adjustment as the journal writes it: a JSON object with each setting that changed, by its name
/// in a space file, and under the same name with `_before` what it was. No last step is 0.
enum AdjustmentText {
    private static let before = "_before"

    static func write(before: Adjustment, after: Adjustment) -> String {
        FlatJSON.write(
            pairs(after) + pairs(before).map { (name: $0.name + Self.before, value: $0.value) })
    }

    /// `nil` when the text is not what `write` makes.
    static func read(_ text: String) -> (before: Adjustment, after: Adjustment)? {
        guard let pairs = FlatJSON.read(text) else { return nil }
        var (old, new) = (Adjustment(), Adjustment())
        for (name, value) in pairs {
            let isOld = name.hasSuffix(before)
            let name = isOld ? String(name.dropLast(before.count)) : name
            guard isOld ? set(name, value, in: &old) : set(name, value, in: &new) else {
                return nil
            }
        }
        return (old, new)
    }

    private static func pairs(_ adjustment: Adjustment) -> [(name: String, value: Value)] {
        let integers = [
            ("max_steps", adjustment.maxSteps), ("interval", adjustment.interval),
            ("burn_in", adjustment.burnIn), ("min_population_size", adjustment.minPopulationSize),
        ]
        let numbers = [
            ("fraction", adjustment.fraction),
            ("resample_probability", adjustment.resampleProbability),
        ]
        return integers.compactMap { name, integer in
            integer.map { (name: name, value: .integer(Int64($0))) }
        } + numbers.compactMap { name, number in number.map { (name: name, value: .number($0)) } }
    }

    private static func set(
        _ name: String, _ value: Value, in adjustment: inout Adjustment
    ) -> Bool {
        switch (name, value) {
        case ("max_steps", .integer(let steps)): adjustment.maxSteps = Int(steps)
        case ("interval", .integer(let steps)): adjustment.interval = Int(steps)
        case ("burn_in", .integer(let steps)): adjustment.burnIn = Int(steps)
        case ("min_population_size", .integer(let size)): adjustment.minPopulationSize = Int(size)
        case ("fraction", .number(let fraction)): adjustment.fraction = fraction
        case ("resample_probability", .number(let number)): adjustment.resampleProbability = number
        default: return false
        }
        return true
    }
}
