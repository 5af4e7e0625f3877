import Coordinator
import Foundation
import Histories
import Murmuration
import TensorBoard

/// Writes all that happened in a population for TensorBoard, and goes on while it trains.
///
/// A coordinator that goes away is waited for. When it has ended and its journal's directory is
/// known, the rest is read there, so that the last reports of a `murmur run` are not missed.
struct PopulationFollower {
    private let logdir: String
    /// An empty one is the only one.
    private var population: String
    /// `nil` for any number.
    private let mostMembers: Int?
    /// Ends when all that there is now is written.
    private let isOnce: Bool
    /// `nil` before the coordinator has answered for the first time.
    private var runs: MemberRuns?
    private var written: WrittenMembers
    private var isLimitSaid = false
    /// Of the last event that was taken, and when that was.
    private var last = (sequence: UInt64(0), time: Date())
    /// There was something to wait for.
    private var isFollowing = false
    private var isAway = false

    /// Between two questions whether there is more.
    private static let pause = Duration.seconds(1)

    /// - Parameter mostMembers: so many of the best are written; `nil` for all.
    init(population: String, logdir: String, mostMembers: Int?, isOnce: Bool) {
        self.population = population
        self.logdir = logdir
        self.mostMembers = mostMembers
        self.isOnce = isOnce
        written = WrittenMembers(most: mostMembers, of: 0)
    }

    /// Writes until the population trains no more, or all that there is when nobody serves it.
    ///
    /// - Parameters:
    ///   - place: where the population is.
    ///   - journal: the directory of its journal, when that is known.
    /// - Throws: `CancellationError` when the task is cancelled, after all that was read is written.
    mutating func follow(_ place: Place, journal: String?) async throws {
        var place = place
        // Nobody serves the journal, and it was read to its end.
        var isExhausted = false
        while true {
            do {
                if !isExhausted {
                    if try await isOver(at: place) { return }
                    isExhausted = true
                }
            } catch let error as MurmurationError where isFollowing && error.isAbsence {
                // Until it comes back, or has ended.
            } catch is CancellationError {
                try runs?.write(isUpToDate: true)
                throw CancellationError()
            }
            if let journal, let present = try? Place(directory: journal) { place = present }
            switch place {
            case .running: isExhausted = false
            // All may have finished before the coordinator ended.
            case .stopped: if !isExhausted { continue }
            }
            sayAway(place)
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Writes what there is, and from a coordinator all that comes.
    ///
    /// - Returns: whether there is nothing to wait for.
    private mutating func isOver(at place: Place) async throws -> Bool {
        try await Populations(place: place).read { questions in
            try await begin(questions)
            var isNew = true
            while true {
                if try await catchUp(questions) { isNew = true }
                // The end is an event too, so that without a new one nothing needs to be asked.
                if isNew, try await isEnded(questions) { return true }
                if isOnce { return true }
                guard case .running = place else { return !isFollowing }
                sayFollowing()
                isNew = false
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private mutating func begin(_ questions: Questions) async throws {
        if runs == nil {
            let found = try await questions.population(named: population)
            population = found.name
            written = try await questions.writtenMembers(of: found, most: mostMembers)
            runs = MemberRuns(
                of: found,
                in: try PopulationLogdir(
                    in: logdir, population: found.name, members: found.members + found.removed,
                    at: Date()))
            sayLimit()
        } else {
            let board = try await questions.leaderboard(of: population, limit: 1)
            guard board.committed >= last.sequence else {
                throw Failure(
                    """
                    The coordinator came back with another journal than before; begin again to \
                    write that one's population.
                    """)
            }
        }
    }

    /// - Returns: whether anything happened since the last time.
    private mutating func catchUp(_ questions: Questions) async throws -> Bool {
        let beginning = last.sequence
        while true {
            let page = try await questions.history(of: population, after: last.sequence)
            for event in page.events {
                if written.has(event) { runs?.take(event) }
                last.time = event.time
            }
            let hasMore = page.more && page.last > last.sequence
            last.sequence = page.last
            if !hasMore || runs?.isFull == true { try runs?.write(isUpToDate: !hasMore) }
            if !hasMore {
                sayLimit()
                return last.sequence > beginning
            }
        }
    }

    /// Whether the population trains no more; then all is written.
    private mutating func isEnded(_ questions: Questions) async throws -> Bool {
        guard try await questions.leaderboard(of: population, limit: 1).isOver else { return false }
        _ = try await catchUp(questions)
        runs?.end(at: last.time)
        try runs?.write(isUpToDate: true)
        return true
    }

    // MARK: - Telling

    /// Once, also when the members become more than are written only later.
    private mutating func sayLimit() {
        guard !isLimitSaid, let limit = written.limit else { return }
        isLimitSaid = true
        OutputFile.warn(limit)
    }

    private mutating func sayFollowing() {
        isAway = false
        guard !isFollowing, let runs else { return }
        isFollowing = true
        OutputFile.say(
            """
            Writing what happens in \(Terminal.escaped(population)) to \
            \(Terminal.escaped(runs.path)) until it ends, or Ctrl-C; look at it with \(viewer).
            """)
    }

    private mutating func sayAway(_ place: Place) {
        guard !isAway else { return }
        isAway = true
        let coordinator =
            switch place {
            case .running(let address): "at \(address)"
            case .stopped(let directory): "of \(directory)"
            }
        OutputFile.warn(
            """
            The coordinator \(Terminal.escaped(coordinator)) is away; waiting until it is back.
            """)
    }

    /// What was written, and how to look at it; `nil` when nothing was.
    var summary: String? {
        guard let runs else { return nil }
        return """
            Wrote \(runs.reports) \(runs.reports == 1 ? "report" : "reports") of \
            \(runs.members) \(runs.members == 1 ? "member" : "members") to \
            \(Terminal.escaped(runs.path)); look at \(runs.reports == 1 ? "it" : "them") with \
            \(viewer).
            """
    }

    /// The command, as a shell takes it.
    private var viewer: String {
        let isPlain = logdir.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII
                && (character.isLetter || character.isNumber || "._-/+@%=:,".contains(character))
        }
        let word = isPlain ? logdir : "'\(logdir.replacing("'", with: #"'\''"#))'"
        return "tensorboard --logdir \(Terminal.escaped(word))"
    }
}

extension MurmurationError {
    /// Nobody answers now, but may do so later.
    fileprivate var isAbsence: Bool {
        switch self {
        case .unreachable, .silent, .unavailable, .messaging: true
        default: false
        }
    }
}
