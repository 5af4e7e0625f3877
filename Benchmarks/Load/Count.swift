import ArgumentParser
import Coordinator
import Foundation
import Logging
import ZeroMQ

/// A coordinator and its load in one process, for a profiler that counts instead of timing: what the
/// coordinator's thread does for a known number of reports.
struct Count: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reports a fixed number of times to a coordinator of its own.")

    @OptionGroup var size: TeamSize

    @Option(help: "Reports of each worker.")
    var rounds = 50

    @Option(help: "The directory of the journal.")
    var data: String

    func run() throws {
        var logger = Logger(label: "bench")
        logger.logLevel = .warning
        let configuration = Coordinator.Configuration(data: data, secret: nil, logger: logger)
        let coordinator = try started(configuration)
        let place = try Place(coordinator.url ?? "", sockets: size.connections + 16)
        let team = try Team(place, size, every: nil, sources: 1, isFloor: false)
        try Administration(place).create("bench", members: size.members)
        try team.join("bench")
        let reports = try team.report(rounds: rounds)
        print(reports)
        wait { await coordinator.shutDown() }
    }

    private func started(_ configuration: Coordinator.Configuration) throws -> Coordinator {
        var configuration = configuration
        configuration.port = 0
        let coordinator = try Coordinator(configuration)
        let failure = wait { () async -> (any Error)? in
            do {
                try await coordinator.start()
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        return coordinator
    }
}

/// Blocks this thread, which is none of the pool's.
private func wait<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
    let isDone = DispatchSemaphore(value: 0)
    let box = Box<Result>()
    Task {
        box.value = await body()
        isDone.signal()
    }
    isDone.wait()
    guard let value = box.value else { preconditionFailure("the task signals when it has a value") }
    return value
}

/// Written before the semaphore is signalled, and read after.
private final class Box<Value>: @unchecked Sendable { var value: Value? }
