import ArgumentParser
import Murmuration

struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a member out of a population.",
        usage: "murmur remove [NAME] MEMBER",
        discussion: """
              murmur remove digits 7

            It is neither trained nor copied again. What it did stays in the history, and whoever \
            copied it goes on.
            """)

    @OptionGroup var choice: MemberChoice

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        _ = try choice.member()
    }

    func run() async throws {
        let member = try choice.member()
        let population = try await Administrator.with(coordinator.address()) {
            try await $0.remove(member: member, from: choice.name)
        }
        StandardOutput.say(done: Steering.removed(member, from: population))
    }
}
