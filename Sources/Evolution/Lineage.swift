/// Who copied whom: the line of descent that led to a committed state.
package enum Lineage {
    /// A stretch of the line that one member trained with one set of hyperparameters.
    package struct Segment: Hashable, Sendable {
        package var member: Int
        /// Trained from after this step.
        package var start: Int
        /// Up to and including this one.
        package var end: Int
        package var hyperparameters: [Value]
    }

    /// The journal lacks a report that the line goes through.
    package struct MissingReport: Error, Hashable, Sendable, CustomStringConvertible {
        package var member: Int
        package var report: Int

        package var description: String {
            "The journal has no checkpoint of report \(report) of member \(member), from which "
                + "others descend; it is damaged, so restore it from a copy."
        }
    }

    /// The journal has a state that descends from itself.
    package struct Circle: Error, Hashable, Sendable, CustomStringConvertible {
        package var member: Int
        package var report: Int

        package var description: String {
            "The journal lets report \(report) of member \(member) descend from itself; it is "
                + "damaged, so restore it from a copy."
        }
    }

    /// The hyperparameters over steps along the line of descent of a state, oldest first.
    ///
    /// Steps that were rolled back, and reports without a checkpoint, left no trace in the
    /// weights and are not on it.
    ///
    /// - Parameter events: All reported and declined events of a member up to and including one
    ///   of its reports, newest first.
    package static func schedule(
        to state: CommittedState?, events: (_ member: Int, _ throughReport: Int) throws -> [Event]
    ) throws -> [Segment] {
        var segments: [Segment] = []
        var next = state
        var copied: Set<[Int]> = []
        while let state = next {
            guard copied.insert([state.member, state.report]).inserted else {
                throw Circle(member: state.member, report: state.report)
            }
            var commits = commits(of: state.member, try events(state.member, state.report))
            next = nil
            // Its own states follow each other until one was trained from a donor's.
            var own: CommittedState? = state
            while let current = own {
                guard let commit = commits.removeValue(forKey: current.report) else {
                    throw MissingReport(member: current.member, report: current.report)
                }
                add(commit, to: &segments)
                own = commit.base?.member == state.member ? commit.base : nil
                if own == nil { next = commit.base }
            }
        }
        return segments.reversed()
    }

    /// A committed state and the one that it was trained from.
    private struct Commit {
        var state: CommittedState
        var base: CommittedState?
    }

    /// A member's own committed states by report. The member's history runs forward through the
    /// same code that it was made by, so a decline undoes here exactly what it undid then.
    private static func commits(of id: Int, _ newestFirst: [Event]) -> [Int: Commit] {
        var commits: [Int: Commit] = [:]
        var member = Member(id: id, hyperparameters: [])
        for event in newestFirst.reversed() {
            if case .reported(let reported) = event.kind, reported.checkpoint != nil {
                var committed = member
                committed.commit(reported)
                if let state = committed.latest {
                    commits[reported.report] = Commit(state: state, base: committed.previous)
                }
            }
            member.apply(event.kind)
        }
        return commits
    }

    /// Adds what came before the segments so far, joining what belongs together.
    private static func add(_ commit: Commit, to newestFirst: inout [Segment]) {
        let state = commit.state
        let start = commit.base?.step ?? 0
        guard start < state.step else { return }
        if let later = newestFirst.last, later.member == state.member,
            later.hyperparameters == state.hyperparameters, later.start == state.step
        {
            newestFirst[newestFirst.count - 1].start = start
        } else {
            newestFirst.append(
                Segment(
                    member: state.member, start: start, end: state.step,
                    hyperparameters: state.hyperparameters))
        }
    }
}
