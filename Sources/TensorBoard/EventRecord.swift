import Foundation
import SwiftProtobuf

/// A record of an event file, as it is written: the length of the data and their checksum, the data
/// and their checksum, all numbers little-endian (TensorFlow, `lib/io/record_writer.h`).
package struct EventRecord: Hashable, Sendable {
    package let bytes: [UInt8]

    init(data: [UInt8]) {
        let length = Self.littleEndian(UInt64(data.count))
        bytes =
            length + Self.littleEndian(CRC32C.masked(length))
            + data + Self.littleEndian(CRC32C.masked(data))
    }

    init(_ event: TensorBoardEvent) {
        self.init(data: Self.serialized(event))
    }

    static func serialized(_ message: some SwiftProtobuf.Message) -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            return try message.serializedBytes(options: options)
        } catch {
            preconditionFailure("no message has a required field that could be missing: \(error)")
        }
    }

    private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

extension EventRecord {
    /// The first record of each file. With this version TensorBoard keeps all points where steps go
    /// back, unless it is told of a restart.
    package static func fileVersion(at time: Date) -> EventRecord {
        var event = TensorBoardEvent(at: time)
        event.fileVersion = "brain.Event:2"
        return EventRecord(event)
    }

    /// Numbers of one step. They are rounded to 32 bits, which is all that TensorBoard keeps.
    package static func scalars(_ scalars: [Scalar], step: Int, at time: Date) -> EventRecord {
        var event = TensorBoardEvent(at: time)
        event.step = Int64(step)
        event.summary.value = scalars.map { scalar in
            var value = TensorBoardSummary.Value()
            value.tag = scalar.tag
            value.simpleValue = Float(scalar.value)
            value.metadata.pluginData.pluginName = "scalars"
            value.metadata.dataClass = .scalar
            return value
        }
        return EventRecord(event)
    }
}

/// A number under a tag.
package struct Scalar: Hashable, Sendable {
    package var tag: String
    package var value: Double

    package init(tag: String, value: Double) {
        self.tag = tag
        self.value = value
    }
}

extension TensorBoardEvent {
    init(at time: Date) {
        self.init()
        wallTime = time.timeIntervalSince1970
    }
}
