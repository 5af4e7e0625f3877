import Dispatch
import Foundation
import Logging
import Synchronization
import ZeroMQ

/// Serves metrics to Prometheus over HTTP: `GET /metrics`, and nothing else.
///
/// One thread accepts, and each connection has one of its own for as long as it takes, but no longer
/// than ``mostTime``. There are few of them, whoever comes: others are closed at once.
package final class MetricsEndpoint: Sendable {
    static let mostConnections = 16
    /// For the whole of a request and its answer.
    static let mostTime = Duration.seconds(5)
    /// Between two looks whether it is to end.
    private static let wait = Duration.milliseconds(100)

    package let address: MetricsAddress
    private let listener: TCPListener
    private let logger: Logger
    private let mostTime: Duration
    private let connections = Atomic(0)
    private let isEnding = Atomic(false)

    /// Listens. Nobody is answered before ``run(_:)``.
    package convenience init(at address: MetricsAddress, logger: Logger) throws(MetricsError) {
        try self.init(at: address, mostTime: Self.mostTime, logger: logger)
    }

    init(at wanted: MetricsAddress, mostTime: Duration, logger: Logger) throws(MetricsError) {
        do throws(ZeroMQError) {
            listener = try TCPListener(
                at: wanted.number, port: wanted.port, queue: Self.mostConnections)
        } catch {
            switch error {
            case .addressInUse: throw .portTaken(wanted.port)
            case .addressNotAvailable, .invalidEndpoint: throw .badAddress("\(wanted)")
            case .permissionDenied: throw .notPermitted(wanted.port)
            default: throw .failed("\(wanted)", reason: "\(error)")
            }
        }
        address = MetricsAddress(number: wanted.number, port: UInt16(clamping: listener.port))
        self.mostTime = mostTime
        self.logger = logger
    }

    /// For people and for Prometheus' configuration.
    package var url: String { "http://\(address)/metrics" }

    /// Answers until the task is cancelled.
    package func run(_ page: ScrapedPage) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread { [self] in
                    accept(page)
                    continuation.resume()
                }
                thread.name = "metrics"
                thread.start()
            }
        } onCancel: {
            isEnding.store(true, ordering: .relaxed)
        }
    }

    private func accept(_ page: ScrapedPage) {
        while !isEnding.load(ordering: .relaxed) {
            do throws(ZeroMQError) {
                guard let connection = try listener.accept(within: Self.wait) else { continue }
                serve(connection, page)
            } catch {
                // There are no more files just now, which the coordinator's log says as well.
                logger.debug("nobody can scrape just now: \(error)")
                Thread.sleep(forTimeInterval: Self.wait / .seconds(1))
            }
        }
    }

    private func serve(_ connection: TCPConnection, _ page: ScrapedPage) {
        let all = connections.add(1, ordering: .relaxed).newValue
        guard all <= Self.mostConnections else {
            connections.subtract(1, ordering: .relaxed)
            return
        }
        let thread = Thread { [self] in
            answer(connection, page)
            connections.subtract(1, ordering: .relaxed)
        }
        thread.name = "scrape"
        thread.start()
    }

    private func answer(_ connection: TCPConnection, _ page: ScrapedPage) {
        let end = ContinuousClock.now + mostTime
        var head: [UInt8] = []
        while !ScrapeRequest.isWhole(head) {
            // Who sends nothing more is answered nothing.
            guard let more = connection.receive(atMost: ScrapeRequest.mostBytes, until: end) else {
                return
            }
            head += more
            guard head.count <= ScrapeRequest.mostBytes else {
                let verdict = ScrapeRequest.Verdict.refusal(
                    status: "431 Request Header Fields Too Large",
                    sentence: "A request has at most \(ScrapeRequest.mostBytes) bytes; shorten it.")
                return finish(connection, with: verdict.answer(""), until: end)
            }
        }
        var verdict = ScrapeRequest.verdict(on: head, isLoopback: address.isLoopback)
        var text = ""
        if verdict == .page {
            if let made = Self.wait(for: page, until: end) {
                text = made
            } else {
                verdict = .refusal(
                    status: "503 Service Unavailable",
                    sentence: "The coordinator is busy; ask again later.")
            }
        }
        finish(connection, with: verdict.answer(text), until: end + Self.wait)
    }

    /// A peer that does not read gets no more than the system keeps for it.
    private func finish(
        _ connection: TCPConnection, with answer: [UInt8], until end: ContinuousClock.Instant
    ) {
        guard connection.send(answer, until: end) else { return }
        connection.end(takingAtMost: 8 * ScrapeRequest.mostBytes, until: end)
    }

    private static func wait(for page: ScrapedPage, until end: ContinuousClock.Instant) -> String? {
        let handed = Handed()
        Task {
            let text = await page.text
            handed.text.withLock { $0 = text }
            handed.isThere.signal()
        }
        let time = ContinuousClock.now.duration(to: end)
        _ = handed.isThere.wait(timeout: .now() + .milliseconds(Int(time / .milliseconds(1))))
        return handed.text.withLock { $0 }
    }

    /// What a task hands to the thread that waits for it.
    private final class Handed: Sendable {
        let text = Mutex<String?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }
}
