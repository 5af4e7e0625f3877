import ArgumentParser
import ZeroMQ

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes secrets.", subcommands: [Generate.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a new secret of 128 bits.",
            discussion: """
                A coordinator and its workers share it: it gives both sides their keys.

                  export MURMUR_SECRET=$(murmur keys generate)
                  murmur serve --host 0.0.0.0
                """)

        func run() {
            print(SharedSecret.generate().text)
        }
    }
}
