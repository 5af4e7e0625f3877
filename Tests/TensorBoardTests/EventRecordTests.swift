import Foundation
import Testing

@testable import TensorBoard

struct EventRecordTests {
    private static let checksums: [(bytes: [UInt8], checksum: UInt32)] = [
        (Array("123456789".utf8), 0xe306_9283),
        ([UInt8](repeating: 0x00, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        (Array(0..<32), 0x46dd_794e),
        (Array((0..<32).reversed()), 0x113f_db5c),
        ([], 0),
    ]

    @Test(arguments: checksums)
    func `The checksum gives the known answers of RFC 3720`(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    @Test(arguments: [
        ("", "000000000000000029039807d8ea82a2"),
        ("abc", "0300000000000000b099490e6162636e57f121"),
    ])
    func `Data are framed as TensorBoard's own writer does it`(data: String, hex: String) {
        #expect(EventRecord(data: Array(data.utf8)).hex == hex)
    }

    /// What TensorBoard's own messages and writer make of the same events.
    private static let events: [(record: EventRecord, hex: String)] = [
        (
            .fileVersion(at: Date(timeIntervalSince1970: 1.5)),
            """
            1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c
            """
        ),
        (
            .scalars(
                [Scalar(tag: "score", value: 0.5), Scalar(tag: "metrics/val/loss", value: .nan)],
                step: 300, at: time),
            """
            53000000000000000d7d4e9109000000000000004010ac022a450a1b0a0573636f7265150000003f4a0d0a\
            090a077363616c61727320010a260a106d6574726963732f76616c2f6c6f7373150000c07f4a0d0a090a07\
            7363616c6172732001f28702e7
            """
        ),
        (
            .sessionStart(
                named: "member-0 (p)",
                [("rate", .number(0.1)), ("kind", .text("adam")), ("warm", .flag(true))], at: time),
            """
            82000000000000007b3fc35f0900000000000000402a770a750a1c5f68706172616d735f2f73657373696f\
            6e5f73746172745f696e666f4a550a530a0768706172616d7312481a460a0e0a046b696e6412061a046164\
            616d0a110a04726174651209119a9999999999b93f0a0a0a047761726d12022001220c6d656d6265722d30\
            20287029290000000000000040a6282758
            """
        ),
        (
            .sessionEnd(at: time),
            """
            4500000000000000ebe668b00900000000000000402a3a0a380a1a5f68706172616d735f2f73657373696f\
            6e5f656e645f696e666f4a1a0a180a0768706172616d73120d220b08011100000000000000407fd4cc2b
            """
        ),
        (
            .experiment(
                Experiment(
                    name: "p",
                    hyperparameters: [
                        .init(name: "rate", type: .number, bounds: 0.1...2, differs: true),
                        .init(name: "kind", type: .text, bounds: nil, differs: false),
                    ],
                    metrics: [
                        .init(tag: "score"), .init(tag: "hyperparameters/rate", title: "rate now"),
                    ]), at: time),
            """
            92000000000000002747ac500900000000000000402a86010a83010a145f68706172616d735f2f65787065\
            72696d656e744a6b0a690a0768706172616d73125e125c221e0a047261746520033212099a9999999999b9\
            3f110000000000000040380122080a046b696e6420012a090a07120573636f72652a220a16121468797065\
            72706172616d65746572732f726174651a0872617465206e6f7732017019b48b4d
            """
        ),
    ]

    @Test(arguments: events)
    func `Events are TensorBoard's own`(record: EventRecord, hex: String) {
        #expect(record.hex == hex)
    }

    private static let time = Date(timeIntervalSince1970: 2)
}

extension EventRecord {
    var hex: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
