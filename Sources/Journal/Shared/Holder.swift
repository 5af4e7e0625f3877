import Dispatch
import Foundation
import Records
import Synchronization

/// Has a data directory that hosts share, from a start until the journal is closed or another start takes
/// the directory over.
///
/// A thread of its own renews the claim, also while the journal is read or waits for the file server.
final class Holder: Sendable {
    /// How often the claim is renewed, so that other hosts see that this one runs.
    static let renewal = Duration.seconds(1)
    /// How often it is looked at while another coordinator may have it.
    private static let pause = Duration.milliseconds(200)

    /// Of this start.
    let token = Claim.token()
    /// What was taken: which file the journal was then, and whose it was.
    let found: Claim
    private let shared: Shared

    /// What the thread has too; it ends with the holder.
    private final class Shared: Sendable {
        let folder: ClaimFolder
        let state: Mutex<State>
        let ended = DispatchSemaphore(value: 0)

        init(_ folder: ClaimFolder, _ claim: Claim) {
            self.folder = folder
            state = Mutex(State(claim: claim))
        }
    }

    private struct State {
        var claim: Claim
        /// The claim was renewed since the thread looked last.
        var isRenewed = false
        /// Why nothing may be acknowledged any more.
        var loss: JournalError?
        /// The journal was opened, so that only closing it gives the directory back.
        var isUsed = false
        var isReleased = false
    }

    /// Takes a directory, when nobody has it.
    ///
    /// - Parameter willWait: Is called, with who may have it, before this waits to see whether they do.
    /// - Throws: `inUse` when somebody has it, and what keeps it from being taken.
    init(
        directory: String, willWait: (_ process: String) -> Void
    ) throws(JournalError) {
        let folder = ClaimFolder(of: directory)
        try folder.makeIfMissing()
        found = try Self.take(folder, for: token, willWait: willWait)
        shared = Shared(folder, found.taken(by: token))
        try syncDirectory(folder.path)
        try folder.note(.this(token: token), in: found.taken(by: token))
        let thread = Thread { [shared] in Self.renew(shared) }
        thread.name = "holder"
        thread.start()
    }

    /// - Returns: What was taken.
    private static func take(
        _ folder: ClaimFolder, for token: String, willWait: (_ process: String) -> Void
    ) throws(JournalError) -> Claim {
        let clock = ContinuousClock()
        let start = clock.now
        var watch = ClaimWatch()
        var isSaid = false
        /// When there was a claim last, and only one.
        var seen = Duration.zero
        while true {
            let now = start.duration(to: clock.now)
            if let claim = try folder.claim(isFresh: true) {
                seen = now
                let process = folder.process(of: claim)
                switch watch.look(at: claim, isGone: process?.isGone ?? false, now: now) {
                case .take: if try folder.move(claim, to: claim.taken(by: token)) { return claim }
                case .refuse: throw .inUse(folder.directory, process: process?.description)
                case .wait:
                    if !isSaid { willWait(process?.description ?? "of another host") }
                    isSaid = true
                }
            } else if now - seen > ClaimWatch.patience {
                throw .failed(folder.path, reason: "it does not hold one file")
            }
            Thread.sleep(forTimeInterval: pause / .seconds(1))
        }
    }

    deinit {
        // One that nothing was done under is given back as it was. Otherwise who comes next looks at what
        // is there as at what a kill left.
        let isUnused = shared.state.withLock { !$0.isUsed && !$0.isReleased }
        if isUnused, found.holder == nil { try? release() }
        shared.ended.signal()
    }

    // MARK: While it is held

    /// Why nothing may be acknowledged any more; `nil` as long as this holds the directory.
    var loss: JournalError? { shared.state.withLock { $0.loss } }

    /// The journal is about to be opened.
    func use() { shared.state.withLock { $0.isUsed = true } }

    /// Makes sure that nobody has taken the directory over before this was called.
    ///
    /// - Throws: `takenOver` when somebody has, and what keeps it from being known.
    func confirm() throws(JournalError) {
        try shared.state.withLock { state throws(JournalError) in
            try Self.move(&state, to: state.claim.next, in: shared.folder)
        }
    }

    /// Makes another file the journal, if nobody has taken over.
    func replace(by journal: String) throws(JournalError) {
        try shared.state.withLock { state throws(JournalError) in
            var claim = state.claim.next
            claim.journal = journal
            try Self.move(&state, to: claim, in: shared.folder)
        }
        try syncDirectory(shared.folder.path)
    }

    /// Gives the directory back. The journal is closed, and this start writes nothing to it any more.
    func release() throws(JournalError) {
        try shared.state.withLock { state throws(JournalError) in
            try Self.move(&state, to: state.claim.free, in: shared.folder)
            state.isReleased = true
        }
        try syncDirectory(shared.folder.path)
    }

    private static func move(
        _ state: inout State, to claim: Claim, in folder: ClaimFolder
    ) throws(JournalError) {
        if let loss = state.loss { throw loss }
        precondition(!state.isReleased, "what was given back is not used any more")
        guard try folder.move(state.claim, to: claim) else {
            // For the sentence; where it cannot be read the sentence does without.
            let other = (try? folder.claim(isFresh: true)).flatMap(\.self)
            let loss = JournalError.takenOver(
                folder.directory, by: other.flatMap(folder.process)?.description)
            state.loss = loss
            throw loss
        }
        state.claim = claim
        state.isRenewed = true
    }

    private static func renew(_ shared: Shared) {
        let pause = DispatchTimeInterval.milliseconds(Int(renewal / .milliseconds(1)))
        while shared.ended.wait(timeout: .now() + pause) == .timedOut {
            let isOver = shared.state.withLock { state in
                defer { state.isRenewed = false }
                guard !state.isReleased else { return true }
                // What else than a loss keeps it from being renewed is met by the next commit too.
                if !state.isRenewed { try? move(&state, to: state.claim.next, in: shared.folder) }
                return state.loss != nil
            }
            if isOver { return }
        }
    }
}

extension Holder {
    /// Whether a coordinator has a directory that hosts share now. It takes a renewal to see that one does,
    /// and some to see that none does any more where one was killed on another machine.
    static func isHeld(directory: String) -> Bool {
        let folder = ClaimFolder(of: directory)
        let clock = ContinuousClock()
        let end = clock.now + renewal * 4
        var seen: Claim?
        while clock.now < end {
            let claim: Claim?
            do throws(JournalError) {
                claim = try folder.claim(isFresh: true)
            } catch {
                // Who cannot look cannot read the journal either, and is told why then.
                return false
            }
            if let claim {
                if claim.holder == nil || folder.process(of: claim)?.isGone == true { return false }
                if let seen, seen != claim { return true }
                seen = claim
            }
            Thread.sleep(forTimeInterval: pause / .seconds(1))
        }
        return false
    }
}
