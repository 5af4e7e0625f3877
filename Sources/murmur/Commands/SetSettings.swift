import ArgumentParser
import Murmuration

struct SetSettings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Changes how a population evolves from now on.",
        discussion: """
              murmur set digits --max-steps 400 --fraction 0.25
              murmur set digits --max-steps none

            What was decided stays. The settings that are left out stay as they are.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @OptionGroup(title: "Settings") var given: SettingOptions<TrainingPopulation>

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let settings = given.values
        // Only now: an option that there is not is told before.
        guard !settings.isEmpty else {
            throw ValidationError(
                """
                There is nothing to change; name a setting, as in --max-steps 400 or \
                --fraction 0.25.
                """)
        }
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.set(settings, of: name)
        }
        StandardOutput.say(done: Steering.set(settings, of: population))
        if let obstacle = population.obstacle { OutputFile.say(obstacle) }
    }
}
