import Messages

/// Why the coordinator refuses requests.
extension WireError {
    static func noPopulation(_ name: String, known: [String]) -> WireError {
        let there =
            switch known.count {
            case 0: "there is none yet"
            case 1...5: "there is " + known.map { "'\($0)'" }.joined(separator: ", ")
            default: "murmur list shows those there are"
            }
        guard !name.isEmpty else {
            return WireError(
                .noPopulation,
                known.isEmpty
                    ? "There is no population here; make one with murmur create."
                    : "There are \(known.count) populations here; name one (murmur list shows them)."
            )
        }
        return WireError(
            .noPopulation,
            "There is no population '\(name)' here (\(there)); make it with murmur create.")
    }

    static func noMember(_ member: UInt64, of population: String) -> WireError {
        WireError(
            .noMember,
            "The population '\(population)' has no member \(member); murmur leaderboard shows them."
        )
    }

    static func unauthorized(_ sentence: String) -> WireError {
        WireError(.unauthorized, sentence)
    }

    static let unknownKey = unauthorized(
        "This connection proved no key that is known here; ask for an invitation.")
    static let revokedKey = unauthorized("This invitation was revoked; ask for a new one.")
    static let expiredKey = unauthorized("This invitation has expired; ask for a new one.")
    static let foreignLease = unauthorized(
        "This lease belongs to another key; join anew to get one of your own.")

    static let unknownLease = WireError(
        .unknownLease, "The coordinator does not know this lease; join anew.")

    static let lapsedLease = WireError(
        .leaseLapsed,
        "This lease ended, and another worker may have its member; join anew and load what it says."
    )

    static let takenUp = WireError(
        .leaseLapsed,
        """
        Another connection has taken up this lease, so that two workers seem to share it; join anew, \
        and let each worker join for itself.
        """)

    static func placeTaken(_ place: String) -> WireError {
        WireError(
            .conflict,
            """
            A newer worker has taken over the place '\(place)' and its member, so that this one is to \
            end; give each worker that runs at the same time a place of its own.
            """)
    }

    static let otherReport = WireError(
        .conflict,
        """
        Another report was accepted under this sequence, with another step, score, checkpoint or \
        metric; this one is not recorded. Let each worker join for itself.
        """)

    static let otherRequest = WireError(
        .conflict,
        """
        Another request was answered under this key; a new request has a new key of random bytes.
        """)

    static let severalFrames = WireError(
        .malformed, "A request is one frame, and several came; update the client.")

    static let cannotRead = WireError(
        .unavailable,
        "The coordinator cannot read its journal now, and its log says why; ask again later.")

    static let cannotWrite = WireError(
        .unavailable,
        """
        The coordinator cannot write its journal now, and its log says why; ask again later.
        """)
}
