import Messages

/// Makes the population that is reported for.
struct Administration {
    private let line: Line

    init(_ place: Place) throws { line = try Line(place, source: nil) }

    func create(_ name: String, members: Int) throws {
        var creation = WireCreatePopulation()
        creation.key = newKey()
        creation.name = name
        creation.space = Self.space
        creation.source = "space.yaml"
        creation.populationSize = UInt64(members)
        creation.seed = 1
        try line.send(.createPopulation(creation))
        let reply = try line.awaitReply(seconds: 300)
        guard case .population = reply.body else {
            throw LoadError("The population was not made: \(reply.refusal)")
        }
    }

    /// Eight numbers, as the design counts a member's memory.
    private static let space = """
        hyperparameters:
          learning_rate: {type: float, min: 0.00001, max: 0.1, scale: log}
          momentum: {type: float, min: 0.5, max: 0.999}
          dropout: {type: float, min: 0.0, max: 0.5}
          weight_decay: {type: float, min: 0.000001, max: 0.01, scale: log}
          beta1: {type: float, min: 0.8, max: 0.99}
          beta2: {type: float, min: 0.9, max: 0.9999}
          clip: {type: float, min: 0.1, max: 10.0, scale: log}
          temperature: {type: float, min: 0.5, max: 2.0}

        """
}
