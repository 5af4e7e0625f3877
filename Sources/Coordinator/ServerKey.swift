import Foundation
import Messages
import ZeroMQ

/// The pair by which a coordinator proves itself to whom it invited. It comes from nothing else, so
/// that no holder of the shared secret can pose as the coordinator, and another secret ends no
/// invitation. It is a file of the data directory, beside the journal and not in it, so that a copy
/// of the journal gives nothing away.
enum ServerKey {
    static let fileName = "server.key"

    static func isThere(in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: path(in: directory))
    }

    /// Reads it, or makes it.
    ///
    /// - Throws: when others may read it, or it is damaged.
    static func open(in directory: String) throws(CoordinatorError) -> KeyPair {
        let path = path(in: directory)
        if !isThere(in: directory) { try make(at: path) }
        switch PrivateFile.read(path) {
        case .unreadable: throw .serverKey(path, .unreadable)
        case .exposed: throw .serverKey(path, .exposed)
        case .text(let text):
            guard let bytes = KeyText.decode(text), let key = try? Key(bytes) else {
                throw .serverKey(path, .damaged)
            }
            return KeyPair(secretKey: key)
        }
    }

    private static func make(at path: String) throws(CoordinatorError) {
        let text = KeyText.encode(KeyPair.random().secretKey.bytes)
        do {
            try PrivateFile.store(text, at: path)
        } catch {
            throw .serverKey(path, .unwritable)
        }
    }

    private static func path(in directory: String) -> String { directory + "/" + fileName }
}
