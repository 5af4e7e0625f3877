import ArgumentParser
import Murmuration

struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets the workers of a population stop.",
        discussion: """
            Each worker reports once more and stops; murmur run, murmur work and murmur watch end \
            then. Nothing is lost, and murmur resume goes on with it.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.end(name)
        }
        StandardOutput.say(done: Steering.ended(population))
    }
}
