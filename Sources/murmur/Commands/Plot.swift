import ArgumentParser
import Foundation
import Histories
import Murmuration
import Plotting

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
            try await Picture(of: name, metric: metric, title: title, asking: questions)
        }
        try await file.write(picture.svg())
        OutputFile.say("Wrote \(Terminal.escaped(out)): \(picture.subtitle).")
    }
}
