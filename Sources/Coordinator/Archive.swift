import Foundation
import Journal
import Logging
import Messages

/// The data directory of a coordinator that is not running, to read.
///
/// It answers the same requests as a coordinator would, but for those that change something.
package struct Archive {
    private var core: Core
    private let queries: Queries

    /// - Throws: what keeps the directory from being read.
    package init(directory: String) throws(CoordinatorError) {
        do throws(JournalError) {
            let journal = try Journal(directory: directory, access: .read)
            let now = Moment(uptime: .zero, wall: 0)
            core = Core(
                settings: Settings(), epoch: try journal.epoch(), sequence: journal.sequence,
                now: now, tokens: SystemRandomNumberGenerator(),
                logger: Logger(label: "murmur.archive", factory: { _ in SwiftLogNoOpLogHandler() }))
            queries = Queries(journal: journal)
        } catch {
            throw .journal(error)
        }
        try core.restore(from: queries.journal, at: Moment(uptime: .zero, wall: 0))
    }

    /// The coordinator that has this directory now, when there is one.
    package static func isServed(directory: String) -> Bool {
        DirectoryLock.isHeld(directory: directory)
    }

    package mutating func answer(_ body: WireRequest.OneOf_Body) -> WireReply {
        var request = WireRequest()
        request.body = body
        switch body {
        case .listPopulations, .getLeaderboard, .getHistory, .getSchedule, .listKeys: break
        default: return refusal
        }
        core.receive(
            request, from: Peer(number: 0), as: Keyring.sharedUser,
            at: Moment(uptime: .zero, wall: 0))
        let batch = core.takeBatch()
        var reply = WireReply()
        reply.epoch = core.epoch
        reply.committed = UInt64(core.sequence)
        reply.body =
            batch.replies.first.flatMap { WireReply(bytes: $0.body)?.body }
            ?? batch.queries.first.map { core.answer($0, from: queries) }
        return reply
    }

    private var refusal: WireReply {
        var reply = WireReply()
        reply.body = .error(
            WireError(
                .unavailable,
                "The coordinator of this directory is not running; start it with murmur serve."))
        return reply
    }
}
