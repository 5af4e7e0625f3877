import Messages
import Testing

@testable import Histories
@testable import Murmuration

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
    ///
    /// - Parameter knowsParts: the coordinator is none from before there were parts of a history.
    private func story(
        knowsParts: Bool
    ) async throws -> (chapters: [MemberStory.Chapter], read: Int) {
        var read = 0
        let questions = Questions { body in
            switch body {
            case .getLeaderboard:
                return .with {
                    $0.committed = UInt64(Self.history.count)
                    $0.leaderboard = WireLeaderboard()
                }
            case .getHistory(let question):
                let rest = Self.history.filter { event in
                    if event.sequence <= question.after { return false }
                    if question.hasMember {
                        return question.member == event.member && !event.isPopulations
                    }
                    return !knowsParts || question.part != .population || event.isPopulations
                }
                let page = rest.prefix(100)
                read += page.count
                return .with {
                    $0.history = .with {
                        $0.events = Array(page)
                        $0.more = page.count < rest.count
                    }
                }
            default: throw MurmurationError.unexpectedAnswer
            }
        }
        let events = try await questions.story(of: 7, in: "p")
        #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
        return (MemberStory(of: 7, events: events).chapters, read)
    }

    @Test func `A member's story is told without reading what happened to others`() async throws {
        let story = try await story(knowsParts: true)
        // It began, and each report is followed by a change of the settings.
        #expect(story.chapters.count == 1 + 2 * Self.rounds)
        #expect(story.read == story.chapters.count)
    }

    @Test func `An older coordinator sends more, and the story is the same`() async throws {
        let (old, new) = try await (story(knowsParts: false), story(knowsParts: true))
        #expect(old.chapters == new.chapters)
        #expect(old.read == Self.history.count + 1 + Self.rounds)
    }

    @Test func `What happens while the story is read belongs to none of its halves`() async throws {
        let end = Self.history.count / 2
        let questions = Questions { body in
            guard case .getHistory(let question) = body else {
                return .with {
                    $0.committed = UInt64(end)
                    $0.leaderboard = WireLeaderboard()
                }
            }
            return .with {
                $0.history.events = Self.history.filter {
                    question.hasMember
                        ? question.member == $0.member && !$0.isPopulations : $0.isPopulations
                }
            }
        }
        let events = try await questions.story(of: 7, in: "p")
        #expect(
            events.map(\.sequence)
                == Self.history.prefix(end).filter { $0.isPopulations || $0.member == 7 }
                .map(\.sequence))
    }
}

extension WireEvent {
    fileprivate var isPopulations: Bool {
        if case .changed = kind { true } else { false }
    }
}
