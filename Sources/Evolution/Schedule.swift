/// Hyperparameters over steps that were decided before: members follow them, and copy nobody.
///
/// Whoever trains along the schedule that led to a state does again what led to it.
package struct Schedule: Hashable, Sendable {
    package var segments: [Segment] = []

    package struct Segment: Hashable, Sendable {
        /// Up to and including this step; it begins where the one before ends.
        package var end: Int
        package var hyperparameters: [Value]

        package init(end: Int, hyperparameters: [Value]) {
            self.end = end
            self.hyperparameters = hyperparameters
        }
    }

    package init(_ segments: [Segment] = []) { self.segments = segments }

    package var isEmpty: Bool { segments.isEmpty }

    /// Its last step; 0 when it is empty.
    package var end: Int { segments.last?.end ?? 0 }

    /// What a member trains with from a step on: beyond the last segment, as in it. `nil` when it is
    /// empty.
    package func segment(from step: Int) -> Segment? {
        segments.first { $0.end > step } ?? segments.last
    }
}

extension Specification {
    func checkSchedule() throws(SpecificationError) {
        if schedule.isEmpty { return }
        let option = "schedule"
        let names = space.hyperparameters.map(\.name)
        let most = Self.pointValueLimit / max(names.count, 1)
        if schedule.segments.count > most {
            throw SpecificationError(
                option: option,
                reason: "There are \(schedule.segments.count) segments for \(names.count) "
                    + "hyperparameters; keep at most \(most).")
        }
        var last = 0
        for (number, segment) in zip(1..., schedule.segments) {
            if segment.end <= last || segment.end > Self.stepLimit {
                throw SpecificationError(
                    option: option,
                    reason: "Segment \(number) ends at step \(segment.end); write a step after "
                        + "\(last), up to \(Self.stepLimit).")
            }
            last = segment.end
            precondition(segment.hyperparameters.count == names.count, "Each has a value.")
            for (hyperparameter, value) in zip(space.hyperparameters, segment.hyperparameters)
            where !hyperparameter.domain.contains(value) {
                throw SpecificationError(
                    option: option,
                    reason: "Segment \(number) has \(value) for “\(hyperparameter.name)”, which is "
                        + "not in its search space; change one of the two.")
            }
        }
        guard mode == .asynchronous, !grows else {
            throw SpecificationError(
                option: option,
                reason: "Each member follows a schedule by itself; leave mode: synchronous and "
                    + "grows out.")
        }
    }
}
