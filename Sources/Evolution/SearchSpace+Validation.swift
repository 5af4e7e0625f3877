/// Why a search space cannot be searched.
package struct SpaceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The hyperparameter at fault, unless it is the space as a whole.
    package var hyperparameter: String?
    /// A sentence that says what is wrong and what to do.
    package var reason: String

    package init(hyperparameter: String?, reason: String) {
        self.hyperparameter = hyperparameter
        self.reason = reason
    }

    package var description: String {
        hyperparameter.map { "Hyperparameter “\($0)”: \(reason)" } ?? reason
    }
}

extension SearchSpace {
    /// A space has at most this many hyperparameters.
    package static let hyperparameterLimit = 256
    /// A name is at most this many bytes of UTF-8.
    package static let nameByteLimit = 64

    static func validate(_ hyperparameters: [Hyperparameter]) throws(SpaceError) {
        if hyperparameters.isEmpty {
            throw SpaceError(
                hyperparameter: nil,
                reason: "The search space is empty; give it at least one hyperparameter.")
        }
        if hyperparameters.count > hyperparameterLimit {
            throw SpaceError(
                hyperparameter: nil,
                reason: "The search space has \(hyperparameters.count) hyperparameters; keep at "
                    + "most \(hyperparameterLimit).")
        }
        var names: Set<String> = []
        for hyperparameter in hyperparameters {
            let name = hyperparameter.name
            func fail(_ reason: String) -> SpaceError {
                SpaceError(hyperparameter: printable(name), reason: reason)
            }
            if let reason = faultOfName(name) { throw fail(reason) }
            if !names.insert(name).inserted {
                throw fail("The name is used twice; rename one of the two.")
            }
            if let reason = hyperparameter.domain.fault { throw fail(reason) }
        }
    }

    private static func faultOfName(_ name: String) -> String? {
        if name.allSatisfy(\.isWhitespace) { return "The name is empty; write one." }
        if name.utf8.count > nameByteLimit {
            return "The name is \(name.utf8.count) bytes long; shorten it to \(nameByteLimit)."
        }
        if !name.unicodeScalars.allSatisfy(isPrintable) {
            return "The name has a control character; take it out."
        }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            return "The name starts or ends with a space; take it out."
        }
        return nil
    }

    /// A name as a message may show it.
    private static func printable(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(nameByteLimit))).escapingControls
    }
}

/// Whether a name or a text may have it: what it may not could steer a terminal, or hide.
func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
}
