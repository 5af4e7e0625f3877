import Histories
import Murmuration

/// One member: its story, its scores, and the schedule that led to its state.
struct MemberAnswer: Encodable {
    var member: Int
    var story: [String]
    /// Sentences before those, which are left out.
    var storyLeftOut: Int
    var points: [Point]
    var schedule: ScheduleText
    var hyperparameters: Hyperparameters?

    struct Point: Encodable {
        var step: Int
        var time: Double
        var score: Double
        var sequence: UInt64
        /// It copied a donor here, and goes on from its step and score.
        var exploit: Bool?
        var donor: Int?
    }

    private enum CodingKeys: String, CodingKey {
        case member, story, points, schedule, hyperparameters
        case storyLeftOut = "story_left_out"
    }

    private static let mostSentences = 200
    private static let mostPoints = 500

    /// - Parameter events: the member's own and its population's, oldest first.
    init(
        _ member: Int, events: [Event], schedule: [Segment], _ overview: Overview
    ) {
        self.member = member
        let explanation = Explanation(population: overview.population)
        let chapters = MemberStory(of: member, events: events).chapters
        story = chapters.suffix(Self.mostSentences).map(explanation.paragraph)
        storyLeftOut = chapters.count - story.count
        let beginning = overview.beginning ?? .distantPast
        let all = events.flatMap { event -> [Point] in
            guard event.member == member else { return [] }
            let time = event.time.timeIntervalSince(beginning)
            let own = event.report.map {
                Point(step: $0.step, time: time, score: $0.score, sequence: event.sequence)
            }
            let copied = event.exploit.map {
                Point(
                    step: $0.step, time: time, score: $0.score, sequence: event.sequence,
                    exploit: true, donor: $0.donor)
            }
            return [own, copied].compactMap(\.self)
        }
        let stride = max(1, (all.count + Self.mostPoints - 1) / Self.mostPoints)
        points = all.enumerated().filter {
            $0.offset.isMultiple(of: stride) || $0.offset == all.count - 1
        }.map(\.element)
        self.schedule = ScheduleText(
            population: overview.population.name, member: member,
            minimize: overview.population.minimize, segments: schedule)
        if overview.members.indices.contains(member) {
            hyperparameters = overview.space.decode(overview.members[member].values)
        }
    }
}
