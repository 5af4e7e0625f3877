import Messages

/// Puts a population's lineage in order, and notices when some of it was missed.
///
/// Messages of the broadcast and pages of the history go in, events come out. What was missed is
/// asked for when all before it has been taken, so that who is slow costs a bounded number of
/// events here, and the journal remembers the rest.
struct LineageBuffer: Sendable {
    enum Next: Equatable, Sendable {
        case event(Event)
        /// Events were missed: ask the history for what came after this sequence.
        case missed(after: UInt64)
    }

    /// Broadcast events that are kept for who takes them; a page of the history may come on top.
    static let capacity = 500

    private var events: [Event] = []
    /// All events up to this sequence were taken in.
    private var covered: UInt64
    /// The run of the coordinator that was heard last.
    private var epoch: UInt64?
    /// Of the last lineage message of that run; `nil` while none was heard.
    private var counter: UInt64?
    /// Something may have happened that is not in `events`. It is so at first: what happened
    /// between the sequence to begin after and the first message was not heard.
    private var isBehind = true
    /// The last event that is known to have been left out.
    private var missed: UInt64 = 0

    /// - Parameter sequence: where to begin.
    init(after sequence: UInt64) {
        covered = sequence
    }

    /// Takes in a message of either topic.
    mutating func admit(_ message: WireBroadcast) {
        let isSameRun = epoch == nil || epoch == message.epoch
        if !isSameRun { begin(epoch: message.epoch, committed: message.committed) }
        epoch = message.epoch
        guard case .lineage(let lineage) = message.body else { return }
        if let counter, message.counter <= counter {
            begin(epoch: message.epoch, committed: message.committed)
        }
        let isNext = counter.map { message.counter == $0 + 1 } ?? false
        counter = message.counter
        let news = lineage.events.compactMap(Event.init).filter { $0.sequence > covered }
        if isNext, !isBehind, events.count + news.count <= Self.capacity {
            take(news, upTo: lineage.events.last?.sequence ?? 0)
        } else {
            isBehind = true
            missed = max(missed, lineage.events.last?.sequence ?? 0)
        }
    }

    /// Another run of the coordinator. When its journal is behind what was seen, it is another
    /// journal, which is followed from its beginning.
    private mutating func begin(epoch: UInt64, committed: UInt64) {
        isBehind = true
        counter = 0
        if committed < covered {
            covered = 0
            missed = 0
        }
    }

    /// Takes in the page of the history that was asked for.
    ///
    /// - Parameters:
    ///   - sequence: what it was asked after.
    ///   - last: the sequence of its last event, or `sequence` when it is empty.
    ///   - more: there is more to ask for.
    mutating func fill(_ page: [Event], after sequence: UInt64, upTo last: UInt64, more: Bool) {
        // Meanwhile it may have turned out that there is another journal.
        guard sequence == covered else { return }
        take(page.filter(\.isLineage), upTo: last)
        // What was left out since the page was put together is asked for next. A page that is empty
        // shows that there is nothing to be had.
        isBehind = last > sequence && (more || covered < missed)
    }

    private mutating func take(_ news: [Event], upTo last: UInt64) {
        events += news
        covered = max(covered, last)
    }

    /// What is next for who takes the events; `nil` when there is nothing yet.
    mutating func next() -> Next? {
        if !events.isEmpty { return .event(events.removeFirst()) }
        // The first message shows that the subscription is there, and that nothing gets lost
        // between the history and it.
        return isBehind && epoch != nil ? .missed(after: covered) : nil
    }
}
