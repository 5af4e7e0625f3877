import Messages
import Testing

@testable import Murmuration

/// Parts of a history, from coordinators that know them and from older ones.
struct HistoryPartTests {
    /// One event of each kind.
    private static let history: [WireEvent] = {
        let kinds: [WireEvent.OneOf_Kind] = [
            .created(.init()), .leased(.init()), .reported(.init()), .declined(.init()),
            .released(.init()), .paused(.init()), .resumed(.init()), .changed(.init()),
            .generationClosed(.init()), .exploited(.init()), .removed(.init()), .ended(.init()),
        ]
        return kinds.enumerated().map { index, kind in
            .with {
                $0.sequence = UInt64(index + 1)
                $0.kind = kind
            }
        }
    }()

    /// What is asked for, and what comes of it.
    private func events(
        _ part: HistoryPart, answered: @escaping (WireGetHistory) -> WireHistory
    ) async throws -> (asked: [WireGetHistory], sequences: [UInt64]) {
        var asked: [WireGetHistory] = []
        let questions = Questions { body in
            guard case .getHistory(let question) = body else {
                throw MurmurationError.unexpectedAnswer
            }
            asked.append(question)
            return .with { $0.history = answered(question) }
        }
        var sequences: [UInt64] = []
        try await questions.eachEvent(of: "p", part: part) { sequences.append($0.sequence) }
        return (asked, sequences)
    }

    @Test(
        arguments: [
            (HistoryPart.everything, Array(1...12)), (.descent, [1, 3, 4, 10, 11]),
            (.population, [6, 7, 8, 9, 12]),
        ] as [(HistoryPart, [UInt64])])
    func `What an older coordinator sends besides is left out`(
        part: HistoryPart, expected: [UInt64]
    ) async throws {
        let (asked, sequences) = try await events(part) { question in
            let rest = Self.history.filter { $0.sequence > question.after }
            return .with {
                $0.events = Array(rest.prefix(2))
                $0.more = rest.count > 2
            }
        }
        #expect(sequences == expected)
        #expect(asked.map(\.after) == [0, 2, 4, 6, 8, 10])
        #expect(asked.allSatisfy { $0.part == WireHistoryPart(part) && !$0.hasMember })
    }

    @Test func `A page without an event of the part is followed by the next one`() async throws {
        let (asked, sequences) = try await events(.descent) { question in
            switch question.after {
            case 0:
                .with {
                    $0.events = [Self.history[0]]
                    $0.more = true
                    $0.through = 5
                }
            case 5:
                .with {
                    $0.more = true
                    $0.through = 9
                }
            default:
                .with {
                    $0.events = Array(Self.history[9...10])
                    $0.through = 11
                }
            }
        }
        #expect(sequences == [1, 10, 11])
        #expect(asked.map(\.after) == [0, 5, 9])
    }

    @Test func `A coordinator that leads nowhere is not asked for ever`() async throws {
        let (asked, sequences) = try await events(.population) { _ in .with { $0.more = true } }
        #expect(asked.count == 1 && sequences.isEmpty)
    }

    @Test func `An event without what is left out says nothing in its place`() throws {
        let wire = WireEvent.with {
            $0.reported = .with {
                $0.report = 3
                $0.exploit = .with { $0.donor = 2 }
            }
        }
        let report = try #require(Event(wire)?.report)
        #expect(report.hyperparameters.isEmpty && report.metrics.isEmpty)
        #expect(report.verdict == nil && report.standing == nil && report.recent == nil)
        let exploit = try #require(report.exploit)
        #expect(exploit.hyperparameters.isEmpty && exploit.donorHyperparameters.isEmpty)
        #expect(exploit.operations.isEmpty)
    }
}
