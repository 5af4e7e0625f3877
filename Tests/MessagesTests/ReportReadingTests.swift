import Testing

@testable import Messages

/// A report that is read in one pass is what the serializer's reader makes of the same bytes.
struct ReportReadingTests {
    @Test(arguments: 0..<1000 as Range<UInt64>) func `Any report`(seed: UInt64) throws {
        var dice = WireDice(state: seed)
        let request = dice.request()
        #expect(WireRequest(reportIn: request.bytes)?.bytes == request.bytes)
        #expect(try WireRequest(message: request.bytes).bytes == request.bytes)
    }

    @Test(arguments: 0..<1000 as Range<UInt64>) func `Any bytes`(seed: UInt64) throws {
        var dice = WireDice(state: seed)
        var frame = dice.request().bytes
        for _ in 0..<Int.random(in: 1...3, using: &dice) where !frame.isEmpty {
            let place = Int.random(in: frame.indices, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: frame[place] = .random(in: .min ... .max, using: &dice)
            case 1: frame.insert(.random(in: .min ... .max, using: &dice), at: place)
            case 2: frame.remove(at: place)
            default: frame.removeSubrange(place...)
            }
        }
        guard let request = WireRequest(reportIn: frame) else { return }
        // It takes nothing that the other one does not take, and takes it as that one does.
        #expect(WireRequest(bytes: frame)?.bytes == request.bytes)
    }

    @Test func `Each end, and each byte more`() throws {
        var dice = WireDice(state: 1)
        for _ in 0..<50 {
            let frame = dice.request().bytes
            for end in frame.indices {
                guard let request = WireRequest(reportIn: Array(frame[..<end])) else { continue }
                #expect(WireRequest(bytes: Array(frame[..<end]))?.bytes == request.bytes)
            }
            #expect(WireRequest(reportIn: frame + [0]) == nil)
        }
    }

    @Test(
        arguments: [
            // A length beyond any memory; a varint of eleven bytes, and one of 65 bits.
            [0x22, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x22, 0x00],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0x22, 0x00],
            // A checkpoint that is no UTF-8, an effect that nobody knows, and fields in another order.
            [0x22, 0x03, 0x2A, 0x01, 0xFF], [0x22, 0x02, 0x40, 0x03],
            [0x22, 0x04, 0x18, 0x01, 0x10, 0x01],
            // Two reports, another request, and nothing.
            [0x22, 0x00, 0x22, 0x00], [0x08, 0x01, 0x12, 0x00], [],
        ] as [[UInt8]])
    func `What is for the other reader`(frame: [UInt8]) {
        #expect(WireRequest(reportIn: frame) == nil)
    }

    @Test func `A report that is larger than a message may be is not looked at`() {
        var request = WireRequest()
        request.report.checkpoint = String(repeating: "c", count: Limits.messageBytes)
        #expect(WireRequest(reportIn: request.bytes) == nil)
        #expect(throws: UnreadableRequest.self) { try WireRequest(message: request.bytes) }
    }
}

extension WireDice {
    /// A report, as clients make it.
    fileprivate mutating func request() -> WireRequest {
        var report = WireReport()
        report.lease = next()
        report.sequence = UInt64(integer())
        report.step = UInt64(integer())
        if Int.random(in: 0..<8, using: &self) > 0 { report.score = double() }
        report.checkpoint = text()
        report.metrics = (0..<Int.random(in: 0..<3, using: &self)).map { _ in
            var metric = WireMetric()
            metric.name = text()
            metric.value = double()
            return metric
        }
        report.effect = WireEffect.allCases.randomElement(using: &self) ?? .unspecified
        report.released = (0..<Int.random(in: 0..<4, using: &self)).map { _ in UInt64(integer()) }
        var request = WireRequest()
        request.id = UInt64(integer())
        request.report = report
        return request
    }
}
