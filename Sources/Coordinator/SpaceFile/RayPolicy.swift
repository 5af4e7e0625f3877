import Evolution
import Yams

/// A policy file of Ray Tune's `PopulationBasedTraining` (`pbt_policy_*.txt`), read as the space file of
/// its replay, as `PopulationBasedTrainingReplay` reads it.
///
/// Each line is a list of a trial, the trial that it cloned, the iterations of both, the clone's
/// configuration, and the one that was explored from that. An iteration is a step here.
enum RayPolicy {
    /// Whether a text is one: no other file begins with a list of texts.
    static func isOne(_ text: String) -> Bool {
        text.content.first?.text.hasPrefix("[\"") == true
    }

    private struct Change {
        var line: Int
        var trial: String
        var clone: String
        var step: Int
        var before: YAMLFields
        var after: YAMLFields
    }

    static func read(_ text: String) throws(Mistake) -> SpaceDraft {
        try RoomyThread.run {
            Result { () throws(Mistake) in try readHere(text) }
        }.get()
    }

    private static func readHere(_ text: String) throws(Mistake) -> SpaceDraft {
        var changes: [Change] = []
        for (line, row) in text.content { changes.append(try change(row, line)) }
        // Those of trials whose state was overwritten are not on the line that led to the last one.
        var line: [Change] = []
        for change in changes.reversed() {
            if let later = line.last, later.clone != change.trial { break }
            line.append(change)
        }
        line.reverse()
        guard let first = line.first else {
            throw Mistake(nil, "The policy has no changes; name a file with a line or more.")
        }
        var names = first.before.entries.map(\.key)
        for change in line {
            names += change.after.entries.map(\.key).filter { !names.contains($0) }
        }
        var stretches: [PrintedSchedule.Stretch] = []
        for (number, change) in line.enumerated() {
            let values = try values(
                number == 0 ? first.before : line[number - 1].after, names, change.line)
            if change.step > stretches.last?.end ?? 0 {
                stretches.append(
                    PrintedSchedule.Stretch(end: change.step, line: change.line, values: values))
            }
        }
        // When the last one ended it does not say.
        let last = line[line.count - 1]
        stretches.append(
            PrintedSchedule.Stretch(
                end: Specification.stepLimit, line: last.line,
                values: try values(last.after, names, last.line)))
        return try PrintedSchedule.draft(of: stretches, names: names)
    }

    private static func change(_ row: Substring, _ line: Int) throws(Mistake) -> Change {
        let root: Node
        do throws(Mistake) {
            root = try YAMLDocument.root(of: String(row))
        } catch {
            throw Mistake(line, error.reason)
        }
        guard let parts = root.sequence, parts.count == 6, let trial = parts[0].scalar?.string,
            let clone = parts[1].scalar?.string,
            let step = parts[3].scalar.flatMap({ Int($0.string) }),
            step >= 0
        else {
            throw Mistake(
                line,
                "A policy's line is a list of two trials, their iterations and two configurations; "
                    + "name a pbt_policy file of Ray Tune.")
        }
        return Change(
            line: line, trial: trial, clone: clone, step: step,
            before: try YAMLFields(parts[4], what: "The configuration"),
            after: try YAMLFields(parts[5], what: "The configuration"))
    }

    private static func values(
        _ configuration: YAMLFields, _ names: [String], _ line: Int
    ) throws(Mistake) -> [Value?] {
        var values: [Value?] = []
        for name in names {
            do throws(Mistake) {
                values.append(try configuration[name]?.value())
            } catch {
                throw Mistake(line, error.reason)
            }
        }
        return values
    }
}
