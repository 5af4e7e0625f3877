import Messages

/// Why a request is refused.
struct RequestError: Error, Hashable, Sendable {
    var code: WireError.Code
    /// One sentence that says what is wrong and what to do.
    var message: String

    init(_ code: WireError.Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func noPopulation(_ name: String, known: [String]) -> RequestError {
        let there = switch known.count {
        case 0: "there is none yet"
        case 1...5: "there is " + known.map { "'\($0)'" }.joined(separator: ", ")
        default: "murmur list shows those there are"
        }
        guard !name.isEmpty else {
            return RequestError(
                .noPopulation,
                known.isEmpty
                    ? "There is no population here; make one with murmur create."
                    : "There are \(known.count) populations here; name one (murmur list shows them).")
        }
        return RequestError(
            .noPopulation,
            "There is no population '\(name)' here (\(there)); make it with murmur create.")
    }

    static func noMember(_ member: UInt64, of population: String) -> RequestError {
        RequestError(
            .noMember,
            "The population '\(population)' has no member \(member); murmur leaderboard shows them.")
    }

    static let unknownLease = RequestError(
        .unknownLease, "The coordinator does not know this lease; join anew.")

    static let lapsedLease = RequestError(
        .leaseLapsed,
        "This lease ended, and another worker may have its member; join anew and load what it says.")
}

extension WireError {
    init(_ error: RequestError) {
        self.init()
        code = error.code
        message = error.message
        if error.code == .unsupportedVersion {
            minVersion = Protocol.minVersion
            maxVersion = Protocol.maxVersion
        }
    }
}
