// Reports are what a coordinator reads most. The serializer's reader goes through a table of closures
// for each field and nested message, and looks at each message's unknown fields; this reads the bytes
// as they come.
extension WireRequest {
    /// Reads a report as most are: each field that it has once, in the order of their numbers, and no
    /// hyperparameters, which a worker sends only when they differ from what it was assigned.
    ///
    /// - Returns: `nil` for all else, which is for the serializer's reader, and so is saying what is
    ///   wrong with it.
    init?(reportIn frame: [UInt8]) {
        guard frame.count <= Limits.messageBytes else { return nil }
        let request = frame.withUnsafeBytes { bytes in
            var fields = FieldReader(bytes)
            return try? WireRequest(&fields)
        }
        guard let request else { return nil }
        self = request
    }

    private init(_ fields: inout FieldReader) throws(UnusualField) {
        self.init()
        id = try fields.number(1)
        guard var nested = try fields.message(4) else { throw UnusualField() }
        body = .report(try WireReport(&nested))
        try fields.end()
    }
}

extension WireReport {
    fileprivate init(_ fields: inout FieldReader) throws(UnusualField) {
        self.init()
        if let bits = try fields.fixed64(1) { lease = bits }
        sequence = try fields.number(2)
        step = try fields.number(3)
        if let bits = try fields.fixed64(4) { score = Double(bitPattern: bits) }
        checkpoint = try fields.text(5)
        while var nested = try fields.message(6) { metrics.append(try WireMetric(&nested)) }
        let number = try fields.number(8)
        guard let known = WireEffect.allCases.first(where: { UInt64($0.rawValue) == number }) else {
            throw UnusualField()
        }
        effect = known
        if var numbers = try fields.message(9) { released = try numbers.numbers() }
        try fields.end()
    }
}

extension WireMetric {
    fileprivate init(_ fields: inout FieldReader) throws(UnusualField) {
        self.init()
        name = try fields.text(1)
        if let bits = try fields.fixed64(2) { value = Double(bitPattern: bits) }
        try fields.end()
    }
}

/// Bytes that are not a field of the kind that was expected, or go on where an end was.
private struct UnusualField: Error {}

/// Reads a message's fields, and goes on to the next one when it is another than it was asked for
/// (https://protobuf.dev/programming-guides/encoding).
private struct FieldReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    private init(_ rest: Slice<UnsafeRawBufferPointer>) { self.rest = rest }

    /// A number; 0 when it is not there.
    mutating func number(_ field: UInt8) throws(UnusualField) -> UInt64 {
        take(field << 3) ? try varint() : 0
    }

    mutating func fixed64(_ field: UInt8) throws(UnusualField) -> UInt64? {
        guard take(field << 3 | Field.fixed64) else { return nil }
        guard rest.count >= 8 else { throw UnusualField() }
        defer { rest.removeFirst(8) }
        return UInt64(
            littleEndian: rest.base.loadUnaligned(fromByteOffset: rest.startIndex, as: UInt64.self))
    }

    /// A text; empty when it is not there.
    mutating func text(_ field: UInt8) throws(UnusualField) -> String {
        guard let bytes = try message(field)?.rest else { return "" }
        let utf8 = UnsafeRawBufferPointer(rebasing: bytes)
        // As nearly all addresses and names are; looking for more takes ten times as long.
        if utf8.reduce(0, |) < 0x80 { return String(decoding: utf8, as: UTF8.self) }
        guard let text = String(validating: utf8, as: UTF8.self) else { throw UnusualField() }
        return text
    }

    /// What is nested in a field.
    mutating func message(_ field: UInt8) throws(UnusualField) -> FieldReader? {
        guard take(field << 3 | Field.lengthDelimited) else { return nil }
        let length = try varint()
        guard length <= rest.count else { throw UnusualField() }
        let end = rest.startIndex + Int(length)
        defer { rest = rest[end...] }
        return FieldReader(rest[..<end])
    }

    /// The numbers that are all that there is.
    mutating func numbers() throws(UnusualField) -> [UInt64] {
        var numbers: [UInt64] = []
        while !rest.isEmpty { numbers.append(try varint()) }
        return numbers
    }

    func end() throws(UnusualField) {
        guard rest.isEmpty else { throw UnusualField() }
    }

    /// - Returns: whether this tag is the next one.
    private mutating func take(_ tag: UInt8) -> Bool {
        guard rest.first == tag else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func varint() throws(UnusualField) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw UnusualField() }
            // The tenth byte holds the last bit.
            guard shift < 63 || byte <= 1 else { throw UnusualField() }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw UnusualField()
    }
}
