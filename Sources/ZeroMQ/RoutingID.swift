/// The connection that a message came by, to answer it. It means nothing to another socket or in
/// another run, and must not be disclosed to a peer: one could claim it.
public struct RoutingID: Hashable, Sendable {
    private let kind: Kind

    private enum Kind: Hashable {
        /// libzmq's own are a zero byte and a number: kept without an allocation.
        case allotted(UInt32)
        case claimed([UInt8])
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count == 5, bytes[0] == 0 {
            kind = .allotted(bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
        } else {
            kind = .claimed([UInt8](bytes))
        }
    }

    /// libzmq's own number: one more for each connection of a socket, from a random one on, and from 0
    /// again after the last. `nil` for what the peer chose itself.
    package var number: UInt32? {
        if case .allotted(let bytes) = kind { UInt32(bigEndian: bytes) } else { nil }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch kind {
        case .allotted(let number):
            withUnsafeTemporaryAllocation(byteCount: 5, alignment: 1) { bytes in
                bytes[0] = 0
                bytes.storeBytes(of: number, toByteOffset: 1, as: UInt32.self)
                return body(UnsafeRawBufferPointer(bytes))
            }
        case .claimed(let bytes):
            bytes.withUnsafeBytes(body)
        }
    }
}
