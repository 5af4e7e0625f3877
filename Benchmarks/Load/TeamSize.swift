import ArgumentParser

/// How many workers there are, and in how large a population.
struct TeamSize: ParsableArguments {
    @Option(help: "Connections.")
    var connections = 1

    @Option(help: "Leases of each connection.")
    var leases = 1

    @Option(name: .customLong("members"), help: "Members; as many as leases when it is not said.")
    var givenMembers: Int?

    /// Members of the population.
    var members: Int { givenMembers ?? connections * leases }

    func validate() throws {
        guard min(connections, leases, members) >= 1 else {
            throw ValidationError("Each number of connections, leases and members is at least 1.")
        }
    }
}
