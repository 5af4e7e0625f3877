import Foundation
import Messages
import ZeroMQ

/// The keys of a coordinator that lets people in by invitation. They come from nothing else, so that
/// no holder of the shared secret can pose as the coordinator, and another secret ends no invitation.
///
/// They are in a file of the data directory, beside the journal and not in it, so that a copy of the
/// journal gives nothing away.
struct ServerKeys: Hashable, Sendable {
    /// By which the coordinator proves itself to whom it invited.
    let server: KeyPair
    /// By which whoever owns the data directory is let in, where there is no secret. It stays the
    /// same, so that the workers of this machine find the coordinator again after a restart.
    let owner: KeyPair

    static let fileName = "server.key"

    static func isThere(in directory: String) -> Bool {
        FileManager.default.fileExists(atPath: path(in: directory))
    }

    /// Reads them, or makes them.
    ///
    /// - Throws: when others may read them, or they are damaged.
    static func open(in directory: String) throws(CoordinatorError) -> ServerKeys {
        let path = path(in: directory)
        if !isThere(in: directory) { try make(at: path) }
        guard let file = PrivateFile(path: path) else { throw .serverKey(path, .unreadable) }
        guard file.isPrivate else { throw .serverKey(path, .exposed) }
        let keys = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            .compactMap { KeyText.decode($0) }.compactMap { try? Key($0) }
            .map(KeyPair.init(secretKey:))
        guard keys.count == 2 else { throw .serverKey(path, .damaged) }
        return ServerKeys(server: keys[0], owner: keys[1])
    }

    private static func make(at path: String) throws(CoordinatorError) {
        let keys = [KeyPair.random(), KeyPair.random()]
        let lines = keys.map { KeyText.encode($0.secretKey.bytes) }
        do {
            try PrivateFile.store(lines.joined(separator: "\n"), at: path)
        } catch {
            throw .serverKey(path, .unwritable)
        }
    }

    static func path(in directory: String) -> String { directory + "/" + fileName }
}
