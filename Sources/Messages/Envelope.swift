import SwiftProtobuf

/// A message that travels alone: what a frame of the wire holds.
package protocol Envelope: Message {
    associatedtype Body
    var body: Body? { get }
    /// What a sentence calls it.
    static var noun: String { get }
}

extension WireRequest: Envelope { package static var noun: String { "request" } }
extension WireReply: Envelope { package static var noun: String { "reply" } }
extension WireBroadcast: Envelope { package static var noun: String { "broadcast" } }

extension Envelope {
    /// Reads a frame.
    ///
    /// - Throws: `LIMIT` for a frame that is too large, `MALFORMED` for one that is not such a
    ///   message or has no body, `UNSUPPORTED` for one whose body this version does not know.
    package init(frame: [UInt8]) throws(WireError) {
        guard frame.count <= Limits.messageBytes else {
            throw WireError(
                .limit,
                """
                The \(Self.noun) has \(frame.count) bytes and may have \(Limits.messageBytes); \
                send less at once.
                """)
        }
        guard let message = Self(bytes: frame) else {
            throw WireError(
                .malformed,
                "The bytes are not a \(Self.noun); check that both sides speak murmuration.v1.")
        }
        guard message.body != nil else {
            guard message.unknownFields.data.isEmpty else {
                throw WireError(
                    .unsupported,
                    "The \(Self.noun) is of a kind that this version does not know; update it.")
            }
            throw WireError(
                .malformed, "The \(Self.noun) has no body; a client must fill in exactly one.")
        }
        self = message
    }
}

extension Message {
    /// - Returns: `nil` when the bytes are not such a message.
    package init?(bytes: [UInt8]) {
        guard let message = try? Self(serializedBytes: bytes) else { return nil }
        self = message
    }

    /// The message serialized.
    package var bytes: [UInt8] {
        do {
            return try serializedBytes()
        } catch {
            // It fails for messages with required fields, which proto3 has not, and for those
            // beyond 2 GiB, which no limit lets come about.
            preconditionFailure("a message of the wire can always be serialized")
        }
    }

    /// How many bytes it takes as an item of a repeated field whose tag is one byte.
    package var sizeAsItem: Int { bytes.sizeAsItem }
}

extension [UInt8] {
    /// How many bytes a message that is serialized takes as an item.
    var sizeAsItem: Int { 1 + varintSize(count) + count }
}

/// How many bytes a number takes on the wire.
private func varintSize(_ number: Int) -> Int {
    Swift.max(1, (Int.bitWidth - number.leadingZeroBitCount + 6) / 7)
}

/// A frame that is not a request that can be handled, and where to send the answer.
package struct UnreadableRequest: Error, Equatable, Sendable {
    /// The request's id, as far as it can be read; 0 otherwise.
    package var id: UInt64
    package var error: WireError
}

extension WireRequest {
    /// Reads a request as a coordinator does.
    package init(message frame: [UInt8]) throws(UnreadableRequest) {
        if let report = WireRequest(reportIn: frame) {
            self = report
            return
        }
        do throws(WireError) {
            try self.init(frame: frame)
        } catch {
            throw UnreadableRequest(id: WireRequest.leadingID(of: frame), error: error)
        }
    }

    /// The id of a frame that may be broken further on. Every serializer known writes it first.
    private static func leadingID(of frame: [UInt8]) -> UInt64 {
        let tag: UInt8 = 1 << 3
        let longestVarint = 10
        guard frame.first == tag else { return 0 }
        var id: UInt64 = 0
        for (index, byte) in frame.dropFirst().prefix(longestVarint).enumerated() {
            id |= UInt64(byte & 0x7f) << UInt64(7 * index)
            if byte & 0x80 == 0 { return id }
        }
        return 0
    }
}
