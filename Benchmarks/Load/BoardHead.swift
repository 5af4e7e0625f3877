/// What stands before the board in a message of the broadcast. Reading the whole of each board would
/// take longer than everything else that is measured.
struct BoardHead {
    private(set) var epoch: UInt64 = 0
    private(set) var counter: UInt64 = 0
    private(set) var committed: UInt64 = 0

    /// The tags of `Broadcast`, with the wire type of a varint. Serializers write them in order.
    private static let (epochTag, counterTag, committedTag) = (1 << 3, 2 << 3, 3 << 3)

    /// - Returns: `nil` when a message does not begin so.
    init?(_ frame: [UInt8]) {
        var rest = frame[...]
        while let tag = rest.first {
            guard Int(tag) <= Self.committedTag else { break }
            rest.removeFirst()
            guard let number = Self.takeVarint(&rest) else { return nil }
            switch Int(tag) {
            case Self.epochTag: epoch = number
            case Self.counterTag: counter = number
            case Self.committedTag: committed = number
            default: return nil
            }
        }
        guard epoch > 0, counter > 0 else { return nil }
    }

    private static func takeVarint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return number }
        }
        return nil
    }
}
