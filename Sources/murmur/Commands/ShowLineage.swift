import ArgumentParser
import Foundation
import Histories
import Murmuration
import Plotting

struct ShowLineage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Shows who descends from whom in a population.",
        discussion: """
              murmur lineage digits
              murmur lineage digits --dot | dot -Tsvg > lineage.svg

            It shows the lines of descent from which the members have their states now, as a tree \
            that begins with the members' beginnings and forks where a member was copied. At a \
            fork the branches are drawn to the right, and then the one from which most members \
            descend straight below. Exploits that were declined are no part of it. When members \
            have more than \(DescentTree.mostEnds) different states, the tree shows the lines of \
            the best ones. --all shows everything, with the lines that died out.

            With --dot it prints the same for Graphviz, and with --json one line: `nodes` are \
            stretches that one member trained (`id` is MEMBER@REPORT of the last report, `start` \
            and `end` are steps, `score` is the last one, `living` counts the members that descend \
            from it, `holders` are those that have it now), and `edges` go from what was \
            `copied`, or `trained` on by the same member.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Flag(help: "Everything, with the lines that died out.")
    var all = false

    @Flag(help: "Print Graphviz's language.")
    var dot = false

    @Flag(help: "Print a line of JSON.")
    var json = false

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        if dot, json { throw ValidationError("--dot and --json exclude each other; use one.") }
    }

    func run() async throws {
        let populations = Populations(place: try coordinator.place())
        let meant = populations.meant(name)
        let stretches = try await populations.read { questions in
            let board = try await questions.leaderboard(of: meant, limit: 1)
            var descent = Descent()
            try await questions.eachEvent(of: board.population, part: .descent) {
                try descent.add($0)
            }
            return try Stretches(
                descent, of: board.population, minimize: board.minimize, isWhole: all)
        }
        if json { return OutputFile.say(stretches.json) }
        let width =
            isatty(STDOUT_FILENO) == 1 ? Terminal.size(of: STDOUT_FILENO).width : nil
        let lines =
            dot ? stretches.dot : DescentTree(stretches, isWhole: all, width: width).lines()
        var output = LineOutput()
        for line in lines { output.say(line) }
        output.flush()
    }
}
