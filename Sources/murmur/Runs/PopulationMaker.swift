import Coordinator
import Logging
import Messages
import Murmuration

/// A population that is made before anything trains it, in a directory that nobody serves yet: what is
/// wrong with its space is said at once then.
enum PopulationMaker {
    static func make(
        _ name: String, space: SpaceText, settings: Population.Settings, in data: String,
        secret: String?
    ) async throws -> Population {
        var configuration = Coordinator.Configuration(
            data: data, secret: secret, logger: Logger(label: "murmur", to: .standardError))
        configuration.port = 0
        // What is logged of a coordinator that serves says nothing here.
        configuration.logger.logLevel = .warning
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        let address = try Address(coordinator.url ?? "")
        let made: Result<Population, any Error>
        do {
            made = .success(
                try await Administrator.with(address) {
                    try await $0.createPopulation(
                        name, space: space.text, source: space.path, settings: settings)
                })
        } catch {
            made = .failure(error)
        }
        await coordinator.shutDown()
        return try made.get()
    }
}
