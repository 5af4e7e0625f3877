import Evolution

// The answer to each report. Where the serializer takes a walk to know the size of each message that
// is nested, and another one to write it, this writes the same bytes as it goes.
extension WireDirective {
    /// A directive that answers a report, serialized.
    package static func bytes(
        exploit: Exploit?, space: SearchSpace, assignment: OneOf_Assignment,
        released: [WireRelease]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(exploit == nil ? 128 : 1024)
        if let exploit {
            bytes.append(field: 2) { $0.append(exploit, space) }
        } else {
            bytes.append(field: 1, message: [])
        }
        if case .same(let same) = assignment {
            bytes.append(field: 3) { $0.append(field: 1, number: same.targetStep) }
        } else {
            var directive = WireDirective()
            directive.assignment = assignment
            bytes += directive.bytes
        }
        for release in released {
            bytes.append(field: 7) {
                $0.append(field: 1, number: release.number)
                $0.append(field: 2, text: release.checkpoint)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ exploit: Exploit, _ space: SearchSpace) {
        append(field: 1, number: UInt64(exploit.donor.member))
        append(field: 2, number: UInt64(exploit.donor.step))
        if exploit.donor.score.bitPattern != 0 { append(field: 3, double: exploit.donor.score) }
        append(field: 4, text: exploit.donor.checkpoint)
        append(field: 5, hyperparameters: exploit.donor.hyperparameters, of: space)
        append(field: 6, hyperparameters: exploit.explored, of: space)
    }

    private mutating func append(
        field: UInt8, hyperparameters values: [Value], of space: SearchSpace
    ) {
        let configuration = Configuration(values, in: space)
        for place in values.indices where configuration.isActive(place) {
            append(field: field) {
                $0.append(field: 1, text: space.hyperparameters[place].name)
                $0.append(field: 2) { $0.append(values[place]) }
            }
        }
    }

    /// A value of one of the kinds, so that it is there also when it is 0 or empty.
    private mutating func append(_ value: Value) {
        switch value {
        case .number(let number): append(field: 1, double: number)
        case .integer(let integer):
            append(2 << 3)
            // Those near 0 are short, whatever their sign.
            append(varint: UInt64(bitPattern: integer << 1 ^ integer >> 63))
        case .text(let text): append(field: 3, message: Array(text.utf8))
        case .flag(let flag):
            append(4 << 3)
            append(flag ? 1 : 0)
        case .json(let text): append(field: 5, text: text)
        }
    }
}
