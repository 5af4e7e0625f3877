import ArgumentParser
import Murmuration

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Goes on with a population that was paused or ended.",
        discussion: """
            Workers that wait go on by themselves; after an end, start workers again.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.resume(name)
        }
        StandardOutput.say(done: Steering.resumed(population))
    }
}
