import ArgumentParser
import Murmuration
import ZeroMQ

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes secrets; lists and revokes the keys of the invited.",
        subcommands: [Generate.self, ListKeys.self, Revoke.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a new secret of 128 bits.",
            discussion: """
                A coordinator and its workers share it: it gives both sides their keys.

                  export MURMUR_SECRET=$(murmur keys generate)
                  murmur serve --host 0.0.0.0

                All who have it are one: each may do everything, and could pose as the coordinator. \
                murmur invite gives each a key of their own.
                """)

        func run() {
            OutputFile.say(SharedSecret.generate().text)
        }
    }

    struct ListKeys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the keys that were invited.",
            discussion: """
                A coordinator keeps public keys only: what is shown here lets nobody in. With --json \
                the limits of each key, and what it has made, are there too.
                """)

        @Flag(help: "Print JSON.")
        var json = false

        @OptionGroup var coordinator: CoordinatorOptions

        func run() async throws {
            let keys = try await Populations(place: coordinator.place()).read {
                try await $0.keys()
            }
            if json { return OutputFile.say(try KeyTable.json(keys)) }
            guard !keys.isEmpty else {
                return OutputFile.say("Nobody was invited; murmur invite does.")
            }
            for line in KeyTable.table(keys).lines() { OutputFile.say(line) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuses keys from now on, and ends their leases and subscriptions.")

        @Argument(help: "The key, or enough of its beginning, as murmur keys list shows it.")
        var keys: [String]

        @OptionGroup var coordinator: CoordinatorOptions

        func run() async throws {
            try await Administrator.with(coordinator.address()) { administrator in
                for key in keys {
                    StandardOutput.say(
                        done: KeyTable.sentence(revoking: try await administrator.revokeKey(key)))
                }
            }
        }
    }
}
