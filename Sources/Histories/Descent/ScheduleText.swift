import Murmuration

/// A schedule: the hyperparameters over steps along a member's line of descent.
package struct ScheduleText: Encodable {
    package var population: String
    package var member: Int
    /// Which score is best there, `maximize` or `minimize`.
    package var objective: String
    /// The names of the hyperparameters that count in some segment, in the space's order.
    package var hyperparameters: [String]
    package var segments: [Stretch]

    /// A segment, as JSON has it.
    package struct Stretch: Encodable {
        package var start: Int
        package var end: Int
        package var member: Int
        package var hyperparameters: Hyperparameters
    }

    package init(population: String, member: Int, minimize: Bool, segments: [Segment]) {
        self.population = population
        self.member = member
        objective = minimize ? "minimize" : "maximize"
        hyperparameters = segments.map(\.hyperparameters).allNames
        self.segments = segments.map {
            Stretch(
                start: $0.start, end: $0.end, member: $0.member,
                hyperparameters: $0.hyperparameters)
        }
    }

    package var json: String { JSONLine.text(self) }

    /// A policy file of Ray Tune: a line for each change, of which the last ones lead on from those before.
    package var rayPolicy: String {
        zip(segments, segments.dropFirst()).map { JSONLine.text(RayChange($0, $1)) + "\n" }
            .joined()
    }

    private struct RayChange: Encodable {
        let before: Stretch
        let after: Stretch

        init(_ before: Stretch, _ after: Stretch) {
            self.before = before
            self.after = after
        }

        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode("\(after.member)")
            try list.encode("\(before.member)")
            try list.encode(after.start)
            try list.encode(after.start)
            try list.encode(before.hyperparameters)
            try list.encode(after.hyperparameters)
        }
    }

    /// A header, and a line for each segment.
    package var csv: [String] {
        let header = ["start", "end", "member"] + hyperparameters.map { "hyperparameter.\($0)" }
        return [CSVRow(header).line]
            + segments.map { segment in
                var row = CSVRow()
                row.add(segment.start)
                row.add(segment.end)
                row.add(segment.member)
                for name in hyperparameters { row.add(segment.hyperparameters[name]) }
                return row.line
            }
    }

    package var table: TextTable {
        var table = TextTable(
            headings: ["steps", "member"] + hyperparameters.map(Terminal.escaped),
            rightAligned: Set(0..<hyperparameters.count + 2))
        for segment in segments {
            table.rows.append(
                ["\(segment.start)–\(segment.end)", "\(segment.member)"]
                    + hyperparameters.map {
                        segment.hyperparameters[$0].map(NumberText.hyperparameter)
                            ?? NumberText.inactive
                    })
        }
        return table
    }
}
