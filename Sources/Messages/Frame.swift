import SwiftProtobuf

// Messages put together from parts that are serialized already. The fields of a message follow one
// another, each by itself, so that its bytes are those of its parts
// (https://protobuf.dev/programming-guides/encoding). The serializer looks at what is nested again
// for each level that it is nested in, to know its size; here each part is looked at once.

extension WireReply {
    /// The frame of a reply.
    ///
    /// - Parameter body: serialized, as a field of the reply.
    package static func frame(
        id: UInt64, epoch: UInt64, committed: UInt64, body: [UInt8]
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(Field.header + body.count)
        frame.append(field: 1, number: id)
        frame.append(field: 2, number: epoch)
        frame.append(field: 3, number: committed)
        frame += body
        return frame
    }

    /// A body as a field of the reply.
    package static func field(_ body: OneOf_Body) -> [UInt8] {
        var reply = WireReply()
        reply.body = body
        return reply.bytes
    }

    /// A directive as a field of the reply.
    package static func field(directive: [UInt8]) -> [UInt8] { [UInt8](field: 6, directive) }

    /// A page of a history as a field of the reply.
    ///
    /// - Parameters:
    ///   - head: the page without its events.
    ///   - events: serialized.
    package static func field(_ head: WireHistory, events: [[UInt8]]) -> [UInt8] {
        var bytes = head.bytes
        bytes.reserveCapacity(bytes.count + events.reduce(0) { $0 + $1.sizeAsItem })
        for event in events { bytes.append(field: 1, message: event) }
        return [UInt8](field: 12, bytes)
    }

    /// A broadcast as a field of the reply.
    package static func field(broadcast: [UInt8]) -> [UInt8] { [UInt8](field: 15, broadcast) }
}

extension WireBroadcast {
    /// The frame of a broadcast.
    ///
    /// - Parameter body: serialized, as a field of the broadcast.
    package static func frame(
        epoch: UInt64, counter: UInt64, committed: UInt64, body: [UInt8]
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(Field.header + body.count)
        frame.append(field: 1, number: epoch)
        frame.append(field: 2, number: counter)
        frame.append(field: 3, number: committed)
        frame += body
        return frame
    }

    /// A board as a field of the broadcast.
    package static func field(_ board: SerializedBoard) -> [UInt8] {
        var bytes = board.head.bytes
        for entry in board.entries { bytes.append(field: 3, message: entry) }
        return [UInt8](field: 4, bytes)
    }

    /// News of a population as a field of the broadcast.
    ///
    /// - Parameter events: serialized.
    package static func field(newsOf population: String, events: [[UInt8]]) -> [UInt8] {
        var lineage = WireLineage()
        lineage.population = population
        var bytes = lineage.bytes
        for event in events { bytes.append(field: 2, message: event) }
        return [UInt8](field: 5, bytes)
    }
}

enum Field {
    static let fixed64: UInt8 = 1
    static let lengthDelimited: UInt8 = 2
    /// The longest tag and varint.
    static let longest = 1 + 10
    /// At most what the three numbers take that a reply or a broadcast begins with.
    static let header = 3 * longest
}

extension [UInt8] {
    /// A message as a field of another one.
    fileprivate init(field: UInt8, _ message: [UInt8]) {
        self = []
        reserveCapacity(Field.longest + message.count)
        append(field: field, message: message)
    }

    /// A number of a message that has it always: nothing, when it is 0.
    mutating func append(field: UInt8, number: UInt64) {
        guard number != 0 else { return }
        append(field << 3)
        append(varint: number)
    }

    mutating func append(field: UInt8, message: [UInt8]) {
        append(field << 3 | Field.lengthDelimited)
        append(varint: UInt64(message.count))
        self += message
    }

    /// A message that is written in its place, as most are so short that their length is one byte.
    mutating func append(field: UInt8, message write: (inout [UInt8]) -> Void) {
        append(field << 3 | Field.lengthDelimited)
        let start = count
        append(0)
        write(&self)
        let length = count - start - 1
        if length < 0x80 {
            self[start] = UInt8(length)
        } else {
            var bytes: [UInt8] = []
            bytes.append(varint: UInt64(length))
            replaceSubrange(start...start, with: bytes)
        }
    }

    /// A text of a message that has it always: nothing, when it is empty.
    mutating func append(field: UInt8, text: String) {
        guard !text.isEmpty else { return }
        append(field << 3 | Field.lengthDelimited)
        append(varint: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// A number, also when it is 0.
    mutating func append(field: UInt8, double: Double) {
        append(field << 3 | Field.fixed64)
        for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
            append(UInt8(truncatingIfNeeded: double.bitPattern >> shift))
        }
    }

    mutating func append(varint number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
