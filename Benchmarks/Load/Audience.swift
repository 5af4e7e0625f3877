import Foundation
import Histogram
import Messages
import ZeroMQ

/// The monitors of a population, and a worker whose reports are looked for on every board.
final class Audience {
    private let subscribers: [BoardSubscriber]
    private let tracer: Line
    private var watch: Watch
    /// The tracer's reports that were answered: the journal's sequence then, and when.
    private var traces: [(committed: UInt64, time: UInt64)] = []
    /// The tracer has its member.
    private var isLeased = false
    private var isTracing = false
    private var nextTrace: UInt64 = 0
    private var lags = Histogram<UInt64>(
        highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)

    private static let limit: UInt64 = 60_000_000_000
    /// A board comes every second at least.
    private static let patience: UInt64 = 5_000_000_000

    /// - Parameter port: of the broadcast.
    init(_ place: Place, port: UInt16, population: String, count: Int) throws {
        watch = try Watch()
        subscribers = try (0..<count).map { _ in
            try BoardSubscriber(place, port: port, population: population)
        }
        tracer = try Line(place)
        for (number, subscriber) in subscribers.enumerated() {
            try watch.add(subscriber.file(), number: number)
        }
        try watch.add(tracer.socket.file(), number: count)
        tracer.trainees = [Trainee(lease: 0)]
        try tracer.join(population, as: 0)
    }

    /// The member that the tracer trains.
    var member: UInt64 { tracer.trainees[0].member }

    /// Waits until every monitor had a board, and the tracer its member.
    func settle() throws {
        let end = monotonicNanoseconds() + Self.limit
        // A socket says nothing before it was once found to be empty.
        for number in 0...subscribers.count { try settle(number) }
        while !isLeased || !subscribers.allSatisfy(\.isHearing) {
            guard monotonicNanoseconds() < end else {
                let deaf = subscribers.count { !$0.isHearing }
                throw LoadError(
                    isLeased
                        ? "\(deaf) of \(subscribers.count) monitors had no board within a minute."
                        : "The tracer was given no member within a minute.")
            }
            try watch.wait(milliseconds: 20) { try settle($0) }
        }
    }

    private func settle(_ number: Int) throws {
        guard number == subscribers.count else {
            while try subscribers[number].takeBoard() {}
            return
        }
        if try tracer.takeLeases() > 0 { isLeased = true }
    }

    func measure(seconds: Double, server: ServerProcess) throws -> Subscribers.Outcome {
        for subscriber in subscribers { subscriber.beginAnew() }
        isTracing = true
        let (before, own) = (try server.processorTime(), ownProcessorTime())
        let start = monotonicNanoseconds()
        nextTrace = start
        let end = start + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < end { try turn() }
        let elapsed = Double(monotonicNanoseconds() - start) / 1e9
        var outcome = Subscribers.Outcome()
        outcome.serverProcessor = (try server.processorTime() - before) / elapsed
        outcome.loadProcessor = (ownProcessorTime() - own) / elapsed
        outcome.count = subscribers.count
        outcome.seconds = elapsed
        let count = Double(subscribers.count)
        outcome.boardsPerSecond =
            Double(subscribers.reduce(0) { $0 + $1.boards }) / count / elapsed
        outcome.fewestBoardsPerSecond = Double(subscribers.map(\.boards).min() ?? 0) / elapsed
        outcome.bytesPerSecond = Double(subscribers.reduce(0) { $0 + $1.bytes }) / count / elapsed
        outcome.largestBoard = subscribers.map(\.largest).max() ?? 0
        try finish()
        outcome.missed = subscribers.reduce(0) { $0 + $1.missed }
        outcome.traces = traces.count
        func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e6 }
        outcome.lagP50 = milliseconds(lags.valueAtPercentile(50))
        outcome.lagP99 = milliseconds(lags.valueAtPercentile(99))
        outcome.lagMost = milliseconds(lags.max)
        return outcome
    }

    private func turn() throws {
        try watch.wait(milliseconds: 1) { number in
            if number == subscribers.count { try takeAnswers() } else { try takeBoards(number) }
        }
        guard isTracing, !tracer.isWaiting, monotonicNanoseconds() >= nextTrace else { return }
        try tracer.report(as: 0)
        try takeAnswers()
    }

    private func takeAnswers() throws {
        while let answer = try tracer.takeAnswer(isFloor: false) {
            guard case .directive = answer else { continue }
            let now = monotonicNanoseconds()
            traces.append((tracer.committed, now))
            // At random, so that it meets every part of the coordinator's tick alike.
            nextTrace = now + .random(in: 20_000_000...220_000_000)
            // Its board may have been faster.
            for subscriber in subscribers { note(subscriber, at: now) }
        }
    }

    private func takeBoards(_ number: Int) throws {
        while try subscribers[number].takeBoard() {
            note(subscribers[number], at: monotonicNanoseconds())
        }
    }

    /// Notes which of the tracer's reports a monitor knows of by now.
    private func note(_ subscriber: BoardSubscriber, at now: UInt64) {
        while subscriber.traces < traces.count,
            traces[subscriber.traces].committed <= subscriber.committed
        {
            lags.record(now - traces[subscriber.traces].time)
            subscriber.traces += 1
        }
    }

    /// Lets the last reports reach everybody.
    private func finish() throws {
        isTracing = false
        let end = monotonicNanoseconds() + Self.patience
        while tracer.isWaiting || subscribers.contains(where: { $0.traces < traces.count }) {
            guard monotonicNanoseconds() < end else {
                let late = subscribers.count { $0.traces < traces.count }
                throw LoadError(
                    tracer.isWaiting
                        ? "The tracer's report was not answered within 5 seconds."
                        : "The last report was on no board of \(late) monitors within 5 seconds.")
            }
            try turn()
        }
        guard !traces.isEmpty else { throw LoadError("No report of the tracer was answered.") }
    }
}
