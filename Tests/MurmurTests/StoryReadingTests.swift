import Messages
import Testing

@testable import Murmuration
@testable import murmur

/// How much of a long history is read to tell of one member.
struct StoryReadingTests {
    private static let members = 50
    private static let rounds = 100

    /// Every member is made and reports again and again, and after each round a setting changes.
    private static let history: [WireEvent] = {
        var events: [WireEvent] = []
        func add(_ member: Int, _ kind: WireEvent.OneOf_Kind) {
            events.append(
                .with {
                    $0.sequence = UInt64(events.count + 1)
                    $0.member = UInt64(member)
                    $0.kind = kind
                })
        }
        for member in 0..<members { add(member, .created(.init())) }
        for round in 1...rounds {
            for member in 0..<members {
                add(
                    member,
                    .reported(
                        .with {
                            $0.report = UInt64(round)
                            $0.step = UInt64(round)
                        }))
            }
            add(0, .changed(.init()))
        }
        return events
    }()

    /// What is told of member 7, and how many events were sent for it.
    private func story(last: Int?) async throws -> (chapters: [MemberStory.Chapter], read: Int) {
        var read = 0
        let questions = Questions { body in
            guard case .getHistory(let question) = body else {
                throw MurmurationError.unexpectedAnswer
            }
            let rest = Self.history.filter {
                $0.sequence > question.after
                    && (!question.hasMember || question.member == $0.member && !$0.isPopulations)
            }
            let page = rest.prefix(100)
            read += page.count
            return .with {
                $0.history = .with {
                    $0.events = Array(page)
                    $0.more = page.count < rest.count
                }
            }
        }
        let events = try await questions.story(of: 7, in: "p", last: last)
        #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
        return (MemberStory(of: 7, events: events).chapters, read)
    }

    @Test(arguments: [1, 2, 3, 5])
    func `The last chapters are told without reading the whole history`(last: Int) async throws {
        let whole = try await story(last: nil)
        let end = try await story(last: last)
        // It began, and each report is followed by a change of the settings.
        #expect(whole.chapters.count == 1 + 2 * Self.rounds)
        #expect(end.chapters.suffix(last) == whole.chapters.suffix(last))
        #expect(whole.read > Self.history.count)
        #expect(end.read <= Self.rounds + 1 + (last + 1) * (Self.members + 1))
    }
}

extension WireEvent {
    fileprivate var isPopulations: Bool {
        if case .changed = kind { true } else { false }
    }
}
