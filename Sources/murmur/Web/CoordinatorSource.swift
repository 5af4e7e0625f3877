import Coordinator
import Histories
import Messages
import Murmuration
import Web

/// The coordinator that `murmur web` was told of: while it runs, else its data directory.
struct CoordinatorSource: Source {
    /// Where it was at first.
    let place: Place
    /// Its data directory, when it was named by that.
    let journal: String?

    /// How long nothing may be heard of a coordinator before the page says so.
    private static let patience = Duration.seconds(5)

    func open() async throws -> OpenSource {
        switch try journal.map(Place.init(directory:)) ?? place {
        case .running(let address):
            let administrator = try Administrator(address: address, patience: Self.patience)
            let text = address.text
            return OpenSource(
                url: address.description, data: journal,
                monitor: { population in
                    try Monitor(url: text, population: population, patience: Self.patience)
                },
                isOver: { false }, questions: { administrator.questions },
                close: { await administrator.close() })
        case .stopped(let directory):
            let reader = try ArchiveReader(directory)
            return OpenSource(
                url: nil, data: directory, monitor: nil,
                isOver: { Archive.isServed(directory: directory) },
                questions: { Questions { try await reader.answer($0) } }, close: {})
        }
    }
}

/// Reads the directory of a coordinator that does not run, for several at once.
private actor ArchiveReader {
    private var archive: Archive

    init(_ directory: String) throws {
        archive = try Archive(directory: directory)
    }

    func answer(_ request: WireRequest.OneOf_Body) throws -> WireReply {
        let reply = archive.answer(request)
        if case .error(let error) = reply.body { throw error }
        return reply
    }
}
