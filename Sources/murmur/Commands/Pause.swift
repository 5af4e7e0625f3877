import ArgumentParser
import Murmuration

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets the workers of a population wait.",
        discussion: """
            Each worker reports once more, keeps running and waits until murmur resume.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.pause(name)
        }
        StandardOutput.say(done: Steering.paused(population))
    }
}
