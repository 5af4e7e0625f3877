/// The checksum of TFRecord files: CRC-32C, with Castagnoli's polynomial (RFC 3720, B.4).
enum CRC32C {
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8)
        }
    }

    /// The checksum as it is stored. It is masked because a checksum of data that hold checksums
    /// finds fewer errors.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let crc = checksum(bytes)
        return ((crc >> 15) | (crc << 17)) &+ 0xa282_ead8
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in
            crc & 1 == 0 ? crc >> 1 : (crc >> 1) ^ 0x82f6_3b78
        }
    }
}
