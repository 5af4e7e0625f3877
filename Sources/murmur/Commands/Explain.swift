import ArgumentParser
import Foundation
import Murmuration

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says why a member copied whom, or nobody, at each of its reports.",
        usage: "murmur explain [NAME] MEMBER [--last <n>]",
        discussion: """
              murmur explain digits 7 --last 5

            The settings are those that held at that time: what was changed since is undone.
            """)

    @OptionGroup var choice: MemberChoice

    @Option(help: ArgumentHelp("Only the last so many.", valueName: "n"))
    var last: Int?

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        _ = try choice.member()
        if let last, last < 1 {
            throw ValidationError("--last \(last) leaves nothing to explain; use 1 or more.")
        }
    }

    func run() async throws {
        let member = try choice.member()
        let populations = Populations(place: try coordinator.place())
        let meant = populations.meant(choice.name)
        let (population, events) = try await populations.read { questions in
            let population = try await questions.population(named: meant)
            try await questions.check(member: member, of: population.name)
            let events = try await questions.story(
                of: member, in: population.name, last: last)
            return (population, events)
        }
        let explanation = Explanation(population: population)
        let chapters = MemberStory(of: member, events: events).chapters
        let width =
            isatty(STDOUT_FILENO) == 1 ? Terminal.size(of: STDOUT_FILENO).width : nil
        var output = LineOutput()
        for chapter in chapters.suffix(last ?? chapters.count) {
            for line in Paragraph.lines(explanation.paragraph(chapter), width: width) {
                output.say(line)
            }
        }
        output.flush()
    }
}

extension Questions {
    /// The events from which a member's story is told: its own, and the population's as far back as
    /// the last chapters need them.
    ///
    /// - Parameter last: how many chapters; `nil` for all of them.
    func story(of member: Int, in population: String, last: Int?) async throws -> [Event] {
        var own: [Event] = []
        try await eachEvent(of: population, member: member) { own.append($0) }
        // What happened to the population can only be asked for with what happened to all of its
        // members. It adds chapters, so that no more than these are among the last ones.
        let beginnings = MemberStory(of: member, events: own).beginnings
        let shown = beginnings.suffix(last ?? beginnings.count)
        guard let first = shown.first, let end = own.last else { return own }
        var events = own.filter { $0.sequence < first }
        let after = first > 0 ? first - 1 : 0
        // Nothing that happens later belongs to the story of one that was removed.
        let through = end.kind == .removed ? end.sequence : .max
        try await eachEvent(of: population, after: after, through: through) { event in
            if event.member == nil || event.member == member { events.append(event) }
        }
        return events
    }
}
