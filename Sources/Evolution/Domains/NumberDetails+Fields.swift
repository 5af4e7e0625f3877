// How a space file says what few ranges of numbers have.
extension NumberDetails {
    static let keys = ["step", "draw", "mean", "sd", "initial_min", "initial_max"]

    /// - Parameter number: Reads one of the domain's values.
    init<Fields: DomainFields>(
        _ fields: Fields, number: (String) throws(Fields.Failure) -> Double
    ) throws(Fields.Failure) {
        step = fields.has("step") ? try number("step") : nil
        initialMin = fields.has("initial_min") ? try number("initial_min") : nil
        initialMax = fields.has("initial_max") ? try number("initial_max") : nil
        let names = Distribution.names
        let name = fields.has("draw") ? try fields.word("draw", among: names) : names[0]
        if name == names[0] {
            draw = .uniform
            guard let odd = ["mean", "sd"].first(where: fields.has) else { return }
            throw fields.fail(
                "Its \(odd) is nothing that it is drawn by; write draw: normal or lognormal, or leave "
                    + "it out.")
        }
        let (mean, sd) = (try fields.number("mean"), try fields.number("sd"))
        guard let draw = Distribution(name: name, mean: mean, sd: sd) else {
            preconditionFailure("The word is one of the names.")
        }
        self.draw = draw
    }

    /// A bound, or `nil` where the range is open: the file leaves it out, and says where beginnings are.
    func bound<Fields: DomainFields, Bound>(
        _ key: String, _ fields: Fields, of bound: (String) throws(Fields.Failure) -> Bound
    ) throws(Fields.Failure) -> Bound? {
        let initial = key == "min" ? initialMin : initialMax
        let mayBeOpen = draw != .uniform || initial != nil
        return mayBeOpen && !fields.has(key) ? nil : try bound(key)
    }

    /// What is written beside the bounds and the scale.
    ///
    /// - Parameter field: How one of the domain's values is written.
    func fields(_ field: (Double) -> DomainField) -> [(key: String, value: DomainField)] {
        var fields: [(key: String, value: DomainField)] = []
        if let step { fields.append(("step", field(step))) }
        if let (mean, sd) = draw.parameters {
            fields.append(("draw", .word(draw.name)))
            fields.append(("mean", .number(mean)))
            fields.append(("sd", .number(sd)))
        }
        if let initialMin { fields.append(("initial_min", field(initialMin))) }
        if let initialMax { fields.append(("initial_max", field(initialMax))) }
        return fields
    }
}
