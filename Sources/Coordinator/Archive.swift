import Foundation
import Journal
import Logging
import Messages
import Records

/// What is committed, to read: the data directory of a coordinator that is not running, or the journal
/// of one that cannot write just now.
///
/// It answers the same requests as a coordinator would, but for those that change something.
package struct Archive {
    private var core: Core
    private let queries: Queries

    /// - Throws: what keeps the directory from being read.
    package init(directory: String) throws(CoordinatorError) {
        let journal: Journal
        let epoch: UInt64
        do throws(JournalError) {
            journal = try Journal(directory: directory, access: .read)
            epoch = try journal.epoch()
        } catch {
            throw .journal(error)
        }
        try self.init(
            journal, settings: Settings(), epoch: epoch, at: Moment(uptime: .zero, wall: 0),
            logger: Logger(label: "murmur.archive", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    init(
        _ storage: any Storage, settings: Settings, epoch: UInt64, at now: Moment, logger: Logger
    ) throws(CoordinatorError) {
        core = Core(
            settings: settings, epoch: epoch, sequence: storage.sequence, now: now,
            tokens: SystemRandomNumberGenerator(), logger: logger)
        queries = Queries(journal: storage)
        try core.restore(from: storage, at: now)
    }

    /// The coordinator that has this directory now, when there is one.
    package static func isServed(directory: String) -> Bool {
        Journal.isServed(directory)
    }

    package mutating func answer(_ body: WireRequest.OneOf_Body) -> WireReply {
        var request = WireRequest()
        request.body = body
        var reply = WireReply()
        reply.body =
            answer(request, as: Keyring.sharedUser, at: Moment(uptime: .zero, wall: 0)) ?? refusal
        reply.epoch = core.epoch
        reply.committed = UInt64(core.sequence)
        return reply
    }

    /// - Parameter user: who asks, as the authenticator calls it.
    /// - Returns: `nil` to what changes something.
    mutating func answer(
        _ request: WireRequest, as user: String, at now: Moment
    ) -> WireReply.OneOf_Body? {
        guard Self.answers(request) else { return nil }
        core.receive(request, from: Peer(number: 0), as: user, at: now)
        let batch = core.takeBatch()
        if let query = batch.queries.first { return answer(query) }
        return batch.replies.first.flatMap { WireReply(bytes: $0.body)?.body }
    }

    private func answer(_ query: Core.Query) -> WireReply.OneOf_Body? {
        do throws(WireError) {
            return WireReply(bytes: try core.answer(query, from: queries))?.body
        } catch {
            return .error(error)
        }
    }

    /// Whether a request only looks.
    static func answers(_ request: WireRequest) -> Bool {
        switch request.body {
        case .listPopulations, .getLeaderboard, .getHistory, .getSchedule, .listKeys: true
        default: false
        }
    }

    private var refusal: WireReply.OneOf_Body {
        .error(
            WireError(
                .unavailable,
                "The coordinator of this directory is not running; start it with murmur serve."))
    }
}
