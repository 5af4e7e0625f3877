import ArgumentParser
import Murmuration

struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Adds members to a population.",
        discussion: """
              murmur add digits --members 4

            They begin at step 0, with hyperparameters that are drawn from the search space.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Option(help: ArgumentHelp("How many.", valueName: "n"))
    var members: Int

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        guard members >= 1 else {
            throw ValidationError("--members \(members) adds no member; use 1 or more.")
        }
    }

    func run() async throws {
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.add(members: members, to: name)
        }
        StandardOutput.say(done: Steering.added(members, to: population))
    }
}
