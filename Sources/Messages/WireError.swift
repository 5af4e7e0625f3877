import Evolution

/// What the coordinator refuses travels as it is thrown.
extension WireError: Error {
    /// - Parameter message: one sentence that says what is wrong and what to do.
    package init(_ code: Code, _ message: String) {
        self.init()
        self.code = code
        self.message = Self.shortened(message)
    }

    /// A sentence may repeat what was sent, and must fit into a message beside its envelope. What
    /// is left out is of the middle: its end says what to do.
    private static func shortened(_ message: String) -> String {
        guard message.utf8.count > Limits.sentenceBytes else { return message }
        let half = Limits.sentenceBytes / 2
        func beginning(of scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
            var bytes = 0
            return scalars.prefix { scalar in
                bytes += scalar.utf8.count
                return bytes <= half
            }
        }
        var shorter = String.UnicodeScalarView(beginning(of: message.unicodeScalars))
        shorter.append("…")
        shorter.append(contentsOf: beginning(of: message.unicodeScalars.reversed()).reversed())
        return String(shorter)
    }

    /// No version of the protocol is common to both sides.
    package static func unsupportedVersion(_ hello: WireHello) -> WireError {
        var error = WireError(
            .unsupportedVersion,
            """
            The coordinator speaks version \(range(WireVersion.min, WireVersion.max)) of the \
            protocol and the client \(range(hello.minVersion, hello.maxVersion)); update the older.
            """)
        error.minVersion = WireVersion.min
        error.maxVersion = WireVersion.max
        return error
    }

    private static func range(_ min: UInt32, _ max: UInt32) -> String {
        min == max ? "\(min)" : "\(min) to \(max)"
    }
}

extension WireError: CustomStringConvertible {
    package var description: String { message.escapingControls }
}

extension WireError.Code {
    /// The name in the protocol, without its prefix: `UNKNOWN_LEASE`.
    package var name: String {
        switch self {
        case .unspecified: "UNSPECIFIED"
        case .malformed: "MALFORMED"
        case .unsupported: "UNSUPPORTED"
        case .limit: "LIMIT"
        case .unauthorized: "UNAUTHORIZED"
        case .noPopulation: "NO_POPULATION"
        case .spaceMismatch: "SPACE_MISMATCH"
        case .unknownLease: "UNKNOWN_LEASE"
        case .leaseLapsed: "LEASE_LAPSED"
        case .staleSequence: "STALE_SEQUENCE"
        case .unavailable: "UNAVAILABLE"
        case .unsupportedVersion: "UNSUPPORTED_VERSION"
        case .conflict: "CONFLICT"
        case .invalid: "INVALID"
        case .noMember: "NO_MEMBER"
        case .UNRECOGNIZED(let number): "\(number)"
        }
    }
}
