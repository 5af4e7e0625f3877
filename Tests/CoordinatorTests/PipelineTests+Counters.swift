import Messages
import Testing

@testable import Coordinator
@testable import Simulation

// What is counted for whoever operates a coordinator.
extension PipelineTests {
    @Test func `What is committed is counted once, and what comes again as a retry`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline, keeps: true)
        #expect(pipeline.counters.leasesGranted == 1)
        for peer in 10...12 { _ = turn(&pipeline, at: 1, from: peer, report(lease)) }
        _ = turn(&pipeline, at: 1, from: 20, join(2, keeps: true))
        let counters = pipeline.counters
        #expect(counters.populations.map(\.reports) == [1])
        #expect(counters.retries == 3)
        #expect(counters.leasesGranted == 1)
        #expect(counters.requests == 6)
        #expect(counters.batches.counts.reduce(0, +) == 6)
        #expect(counters.refusals.isEmpty)
        var next = try start()
        _ = turn(&next, at: 0, from: 1, report(lease, 2))
        #expect(next.counters.populations.map(\.reports) == [1], "a start begins to count anew")
    }

    @Test func `Refusals are counted by their codes`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline)
        _ = turn(
            &pipeline, at: 1, from: 10, report(lease &+ 1), report(lease &+ 2), report(lease, 9))
        pipeline.refuse(.severalFrames, from: ConnectionNumber(number: 20))
        _ = turn(&pipeline, at: 1)
        #expect(
            pipeline.counters.refusals == [.unknownLease: 2, .staleSequence: 1, .malformed: 1])
    }

    @Test func `What the disk refuses is counted when it takes it`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline)
        storage.fate = .refused
        _ = turn(&pipeline, at: 1, from: 10, report(lease))
        _ = turn(&pipeline, at: 1.1, from: 20, join(3))
        #expect(pipeline.counters.populations.map(\.reports) == [0])
        #expect(pipeline.counters.refusedCommits == 1)
        #expect(pipeline.counters.refusals == [.unavailable: 1])
        _ = turn(&pipeline, at: 2)
        #expect(pipeline.counters.populations.map(\.reports) == [1])
        #expect(pipeline.counters.refusedCommits == 1)
    }

    @Test func `Declines and lapses are counted`() throws {
        var pipeline = try start()
        let lease = try training(&pipeline)
        let decline = WireRequest.OneOf_Body.decline(
            .with {
                $0.key = .init(repeating: 7, count: 16)
                $0.lease = lease
                $0.reason = "it cannot be read"
            })
        _ = turn(&pipeline, at: 1, from: 10, decline)
        #expect(pipeline.counters.populations.map(\.declines) == [1])
        // Shorter steps than a heartbeat, or the coordinator would seem to have stood still.
        for second in stride(from: 2.0, through: 70, by: 1) { _ = turn(&pipeline, at: second) }
        #expect(pipeline.counters.leasesEnded == [.lapsed: 1])
    }
}
