import ArgumentParser
import Foundation
import Histories
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
            return (population, try await questions.story(of: member, in: population.name))
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
        if population.status == .ended, let reason = population.obstacle {
            for line in Paragraph.lines(Terminal.escaped(reason), width: width) { output.say(line) }
        }
        output.flush()
    }
}
