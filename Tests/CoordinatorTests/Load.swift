import Foundation
import Testing

extension Trait where Self == ConditionTrait {
    /// The test leaves no processor to tests that look at the time.
    static var takesEveryProcessor: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["MURMURATION_LOAD"] != nil,
            "takes every processor: set MURMURATION_LOAD, as make test does")
    }
}
