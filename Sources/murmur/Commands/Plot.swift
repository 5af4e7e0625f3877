import ArgumentParser
import Foundation
import Murmuration

struct Plot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws the scores and the hyperparameters of a population over steps.",
        discussion: """
              murmur plot digits --data runs --out digits.svg

            Each member has a line; where it exploited another one, its line goes on from there. \
            The best member's line is the thick one. The picture is in SVG, or in PNG when a \
            program that draws it is installed: librsvg, Inkscape, Chromium or ImageMagick.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Option(help: ArgumentHelp("The file to write: .svg or .png.", valueName: "file"))
    var out: String

    @Option(
        help: ArgumentHelp(
            "Draw this extra metric of the reports instead of the score.", valueName: "name"))
    var metric: String?

    @Option(help: "The title; \"\" for none. (default: the population's name)")
    var title: String?

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        do {
            _ = try PictureFile(out)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let file = try PictureFile(out)
        let populations = try Populations(place: coordinator.place())
        let (name, metric, title) = (populations.meant(name), metric, title)
        let picture = try await populations.read { questions in
            try await Self.picture(of: name, metric: metric, title: title, asking: questions)
        }
        try await file.write(picture.svg())
        OutputFile.say("Wrote \(Terminal.escaped(out)): \(picture.subtitle).")
    }

    /// Goes through the events twice, to keep no more of them than what is drawn.
    static func picture(
        of name: String, metric: String?, title: String?, asking questions: Questions
    ) async throws -> Picture {
        let population = try await questions.population(named: name)
        var standings = Standings()
        try await questions.eachEvent(of: population.name) { standings.add($0) }
        try check(standings, of: population, metric: metric)

        let board = try await questions.leaderboard(of: population.name).entries.map(\.member)
        let order = standings.order(minimize: population.minimize, board: board)
        let drawn = LineChoice.places(of: order.count)
        var tracks = Tracks(
            members: drawn.map { order[$0].member }, space: PlottedSpace(population.space),
            metric: metric, last: standings.last)
        try await questions.eachEvent(of: population.name) { tracks.add($0) }
        return Picture(
            of: population, standings: standings, order: order, drawn: drawn, tracks: tracks,
            metric: metric, title: title)
    }

    private static func check(
        _ standings: Standings, of population: Population, metric: String?
    ) throws {
        guard standings.reports > 0 else {
            throw Failure(
                """
                Nothing was reported in '\(population.name)' yet; plot it when a worker has \
                trained.
                """)
        }
        guard let metric, !standings.metrics.contains(metric) else { return }
        let known = standings.metrics.sorted().prefix(8).map(Terminal.escaped)
        throw Failure(
            known.isEmpty
                ? """
                No report of '\(population.name)' has a metric but its score; leave --metric out.
                """
                : """
                No report of '\(population.name)' has a metric '\(Terminal.escaped(metric))'; \
                there are: \(known.joined(separator: ", ")).
                """)
    }
}
