import Testing

@testable import Evolution

struct DrawsTests {
    @Test("Philox gives the numbers that Random123 publishes", arguments: [
        ([0, 0, 0, 0, 0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        (
            Array(repeating: 0xffff_ffff, count: 6),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        ),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344, 0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        ),
    ] as [([UInt32], [UInt32])])
    func knownAnswers(input: [UInt32], output: [UInt32]) {
        let drawn = philox4x32(
            counter: SIMD4(input[0], input[1], input[2], input[3]),
            key: SIMD2(input[4], input[5]))
        #expect([drawn.x, drawn.y, drawn.z, drawn.w] == output)
    }
}
