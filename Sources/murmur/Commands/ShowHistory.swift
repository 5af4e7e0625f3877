import ArgumentParser
import Histories
import Murmuration

struct ShowHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Prints every report of a population, oldest first.",
        discussion: """
              murmur history digits --csv > reports.csv
              murmur history digits --member 7 --events

            With --csv it prints a header and a row for each report (RFC 4180, numbers in full \
            precision): what was reported, `metric.NAME` and `hyperparameter.NAME`; `declined` is \
            1 when the exploit before it was not taken over; `rank` and `ranked` are there when an \
            exploit was considered. When the member copied another one, the columns `donor…` say \
            what, `next.NAME` with which hyperparameters it went on, and `operation.NAME` how each \
            came from the donor's: kept, perturbed, resampled, local, that of the best member of \
            its own island, or proposed. In a synchronous population that was decided when the report's generation closed. Members that copied another one because \
            they could not load their checkpoint are among --events.

            Of a journal that was pruned it prints what is left.

            With --json it prints an object a line, with the copies that were decided when a \
            generation closed as lines of their own (`exploited`); there, numbers that are none are \
            "nan", "inf" and "-inf".

            Names, texts and checkpoints' addresses are what workers reported. --csv has them \
            exactly, but on a terminal; a spreadsheet may take one that begins with =, +, - or @ \
            for a formula, so import such columns as text.
            """)

    @Argument(help: "The population; it may be left out when there is only one.")
    var name: String?

    @Option(help: "Only this member's.")
    var member: Int?

    @Flag(help: "Print CSV.")
    var csv = false

    @Flag(help: "Print JSON Lines.")
    var json = false

    @Flag(help: "Everything that happened, not only reports.")
    var events = false

    @OptionGroup var coordinator: CoordinatorOptions

    func validate() throws {
        if csv, json { throw ValidationError("--csv and --json exclude each other; use one.") }
        if csv, events {
            throw ValidationError("Only reports have columns; use --json with --events.")
        }
        if let member { _ = try MemberChoice.member("\(member)") }
    }

    func run() async throws {
        let populations = Populations(place: try coordinator.place())
        let meant = populations.meant(name)
        try await populations.read { questions in
            let population = try await questions.population(named: meant)
            if let member { try await questions.check(member: member, of: population.name) }
            let pruned = try await questions.history(of: population.name, limit: 1).pruned
            if pruned > 0 {
                OutputFile.warn(
                    """
                    Events up to \(NumberText.count(Int(clamping: pruned))) were pruned: of those, \
                    only what tells who descends from whom is left.
                    """)
            }
            if csv { return try await printCSV(of: population, questions) }
            if json { return try await printJSON(of: population, questions) }
            try await printTable(of: population, questions)
        }
    }

    private func printCSV(of population: Population, _ questions: Questions) async throws {
        let table = try await ReportTableCSV(of: population, member: member, asking: questions)
        var output = LineOutput(isData: true)
        output.say(table.header)
        try await questions.eachEvent(
            of: population.name, through: table.last, member: member
        ) { event in
            if let row = table.row(event) { output.say(row) }
        }
        output.flush()
    }

    private func printJSON(of population: Population, _ questions: Questions) async throws {
        var output = LineOutput()
        try await questions.eachEvent(of: population.name, member: member) { event in
            if events || event.report != nil || event.exploit != nil { output.say(event.json) }
        }
        output.flush()
    }

    private func printTable(of population: Population, _ questions: Questions) async throws {
        var output = LineOutput()
        var reports = ReportTable()
        var all = EventTable()
        var count = 0
        var copies = LaterCopies()
        var last = UInt64.max
        if population.synchronous, !events {
            // What was decided on a report is only known from what comes after it.
            last = 0
            try await questions.eachEvent(of: population.name, member: member) { event in
                last = event.sequence
                copies.add(event)
            }
        }
        try await questions.eachEvent(of: population.name, through: last, member: member) { event in
            if !events, event.report == nil { return }
            if count == 0 { output.say(events ? all.heading : reports.heading) }
            count += 1
            if events {
                output.say(all.line(event))
            } else if let report = event.report {
                output.say(reports.line(event, copies.completing(report, of: event.member)))
            }
        }
        if count == 0 {
            output.say(
                member.map { "Member \($0) has not reported yet." } ?? "No member has reported yet."
            )
        }
        output.flush()
    }
}
