import Foundation
import Testing

extension Tag {
    /// What the test finds depends on how much time passes: it waits for a lease to lapse, or
    /// measures how long something took.
    @Tag package static var realTime: Self
}

extension Trait where Self == ConditionTrait {
    /// The test looks at the clock, or needs all processors: it runs when no other test does.
    ///
    /// `make test` has a step for those, which finds them by their suites' names: these end in
    /// `AloneTests`.
    package static var alone: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["MURMURATION_ALONE"] != nil,
            "runs when no other test does: make test has a step for it")
    }
}
