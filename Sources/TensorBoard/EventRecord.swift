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

    private init(_ event: TensorBoardEvent) {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            self.init(data: try event.serializedBytes(options: options))
        } catch {
            preconditionFailure("an event has no required field that could be missing: \(error)")
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

    /// Makes the run a session of the HParams dashboard. TensorBoard keeps the first one of a run.
    package static func sessionStart(
        _ hyperparameters: [(name: String, value: HParam)], at time: Date
    ) -> EventRecord {
        var data = TensorBoardHParamsPluginData()
        data.sessionStartInfo.startTimeSecs = time.timeIntervalSince1970
        for (name, value) in hyperparameters {
            data.sessionStartInfo.hparams[name] = value.proto
        }
        return EventRecord(session: data, tag: "_hparams_/session_start_info", at: time)
    }

    /// Ends the run's session: there is nothing more to train.
    package static func sessionEnd(at time: Date) -> EventRecord {
        var data = TensorBoardHParamsPluginData()
        data.sessionEndInfo.status = .success
        data.sessionEndInfo.endTimeSecs = time.timeIntervalSince1970
        return EventRecord(session: data, tag: "_hparams_/session_end_info", at: time)
    }

    private init(session data: TensorBoardHParamsPluginData, tag: String, at time: Date) {
        var event = TensorBoardEvent(at: time)
        var value = TensorBoardSummary.Value()
        value.tag = tag
        value.metadata.pluginData.pluginName = "hparams"
        do {
            value.metadata.pluginData.content = try data.serializedBytes()
        } catch {
            preconditionFailure("a session has no required field that could be missing: \(error)")
        }
        event.summary.value = [value]
        self.init(event)
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

/// A hyperparameter's value as the HParams dashboard shows it.
package enum HParam: Hashable, Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)

    fileprivate var proto: TensorBoardHParamValue {
        var proto = TensorBoardHParamValue()
        switch self {
        case .number(let number): proto.numberValue = number
        case .text(let text): proto.stringValue = text
        case .flag(let flag): proto.boolValue = flag
        }
        return proto
    }
}

extension TensorBoardEvent {
    fileprivate init(at time: Date) {
        self.init()
        wallTime = time.timeIntervalSince1970
    }
}
