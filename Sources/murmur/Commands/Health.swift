import ArgumentParser
import Histories
import Messages
import Murmuration

struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says in one line whether a coordinator works.",
        discussion: """
              murmur health --url murmur://HOST:7777 || echo $?

            It ends with 0 when the coordinator answers and can write its journal, with 75 when it \
            answers and cannot write, as on a full disk, and with 69 when nobody answers. For a probe \
            of readiness; one of liveness adds --live, since a new start frees no disk.
            """)

    @Flag(help: "End with 0 also when it answers and cannot write.")
    var live = false

    @Option(
        help: ArgumentHelp("How long to wait for its answer.", valueName: "time"),
        transform: Duration.init(text:))
    var timeout = Duration.seconds(5)

    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let address: Address
        switch try coordinator.place() {
        case .running(let running): address = running
        case .stopped(let directory):
            OutputFile.warn("Error: \(CoordinatorOptions.notRunning(directory))")
            throw ExitCode(Self.absent)
        }
        do throws(MurmurationError) {
            OutputFile.say(try await Self.look(at: address, patience: timeout))
        } catch {
            let code: Int32 =
                switch error {
                case .unavailable: Self.cannotWrite
                case .unreachable, .silent, .noAddressInFile: Self.absent
                default: throw error
                }
            OutputFile.warn("Error: \(error)")
            if !live || code != Self.cannotWrite { throw ExitCode(code) }
        }
    }

    /// EX_TEMPFAIL and EX_UNAVAILABLE of sysexits.h.
    private static let cannotWrite: Int32 = 75
    private static let absent: Int32 = 69

    private static func look(
        at address: Address, patience: Duration
    ) async throws(MurmurationError) -> String {
        do {
            return try await Administrator.with(address, patience: patience) { administrator in
                let populations = try await administrator.populations()
                // While the journal cannot be written, all but looking is refused.
                let epoch = try await administrator.epoch()
                return """
                    ready, epoch \(epoch): \(NumberText.count(populations.count, "population")), \
                    \(populations.reduce(0) { $0 + $1.training }) of \
                    \(NumberText.count(populations.reduce(0) { $0 + $1.members }, "member")) in training
                    """
            }
        } catch let error as MurmurationError {
            throw error
        } catch {
            throw .unreachable(address: address.description)
        }
    }
}
