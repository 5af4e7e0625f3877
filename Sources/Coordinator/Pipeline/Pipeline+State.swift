import Messages
import Records

// Where a turn is.
extension Pipeline {
    enum State {
        /// Nothing is on its way to the disk. The next is `committing`.
        case idle(Turn)
        /// A batch is on its way to the disk. What was committed before leaves, and if another thread
        /// commits, requests are taken in meanwhile, and decided on for the next batch. Nobody reads
        /// the storage. The next is `idle`, or `refused` when the disk has none of it.
        indirect case committing(Commit, Commit.Progress)
        /// The disk refused a batch. With it waits whatever was decided meanwhile, and what comes is
        /// refused, but for greetings and looks. The next is `committing`, with the same batch.
        indirect case refused(Refusal, Refusal.Turn)
    }

    /// A turn while nothing is committed.
    enum Turn {
        /// The next one has not begun.
        case over
        /// Requests are taken in until then, in uptime, unless there are no more or the batch is full.
        case receiving(until: Duration)
        /// What was decided is to be committed.
        case full
        /// It is committed, and what came of it leaves.
        case committed
    }

    struct Commit {
        let batch: Batch
        /// The disk refused it before.
        let isAgain: Bool

        enum Progress {
            /// Nobody has the batch yet.
            case begun
            /// It is being committed, or was just now, by whom the action told to.
            case handedOver
            /// It takes another thread longer than was waited for.
            case awaited
            /// Meanwhile requests are taken in until then, in uptime.
            case receiving(until: Duration)
        }
    }

    struct Refusal {
        let batch: Batch
        /// When the disk was tried last, in uptime.
        let tried: Duration

        enum Turn {
            case over
            case receiving(until: Duration)
            /// Refusals and what was looked at leave, and then it may be time to try again.
            case full
        }
    }

    /// What was decided on in one go, and what others are told once it is durable.
    struct Batch {
        let decided: Core.Batch
        /// Whose requests they were, by their peers' numbers.
        let connections: [Connection]
        /// The sequence of its last event.
        let sequence: Int
        let publications: [Core.Publication]
        let admissions: [Keyring.Admission]

        var changes: [Change] { decided.changes }
    }

    /// A request that only looks, while the disk refuses.
    struct Look {
        let connection: Connection
        let request: WireRequest
        let user: String
        let moment: Moment
    }

    /// What whoever drives the pipeline is to do.
    package enum Action {
        /// To hand on one request, if there is one, by `receive` or `refuse`; else to say so by
        /// `receivedAll`.
        case receive
        /// To commit, and to say what came of it by `endCommit`: before anything else, or, in the
        /// background, as soon as `awaitCommit` finds that it has ended.
        case commit([Change], inBackground: Bool)
        /// To wait for the end of the commit in the background, at most so long; `nil` for however long
        /// it takes.
        case awaitCommit(atMost: Duration?)
        case letOut(Outgoing)
        /// To have the journal write the rows that wait there for others: what people read in its
        /// tables is then the present state.
        case settle
        /// To have another thread work proposals out, and to hand on what came of it by `take`, whenever
        /// that is.
        case propose(ProposalWork)
        /// To end the turn. The next begins by then, in uptime, and earlier when a request comes.
        case wait(until: Duration)
    }

    /// What leaves.
    package enum Outgoing {
        /// A frame. `forget` says that the connection is no more.
        case send([UInt8], to: Connection)
        /// To all subscribers of the topic.
        case publish(Core.Publication)
        /// To the authenticator: whom it lets in from now on, or no more.
        case admit(Keyring.Admission)
    }
}

/// The connection that a request came by, as whoever drives the pipeline knows it.
package protocol NumberedConnection: Hashable, Sendable {
    /// `nil` when it cannot be told from earlier ones.
    var place: ConnectionNumber? { get }
}

extension ConnectionNumber: NumberedConnection {
    package var place: ConnectionNumber? { self }
}
