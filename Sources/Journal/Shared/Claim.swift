import Foundation

/// Who has a data directory that hosts share, and which file its journal is.
///
/// It is the name of the one file in the directory `holder`. Who has the data directory gives that file
/// another name again and again, with the next number; who takes it over gives it a name of its own. A file
/// server does one renaming after the other, and one of a name that is gone fails, whatever a host
/// remembers of the directory. So a renaming that succeeds proves that nobody has taken over before, and
/// that is the only thing that anybody relies on.
struct Claim: Hashable {
    /// By which its file is found; `nil` while there is no journal.
    var journal: String?
    /// The coordinator's start that has the directory; `nil` when the last one has closed the journal.
    var holder: String?
    /// One more with each renaming.
    var count = 0

    /// Sixteen letters and digits that no other start has.
    static func token() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// What stands for no journal, and for no holder.
    private static let none = "none"

    var name: String { "\(journal ?? Self.none).\(holder ?? Self.none).\(count)" }

    init(journal: String?, holder: String?) {
        (self.journal, self.holder) = (journal, holder)
    }

    /// - Returns: `nil` for a file that is no claim.
    init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let count = Int(parts[2]),
            parts[..<2].allSatisfy({ $0 == Self.none || Self.isToken($0) })
        else { return nil }
        journal = parts[0] == Self.none ? nil : parts[0]
        holder = parts[1] == Self.none ? nil : parts[1]
        self.count = count
    }

    private static func isToken(_ text: String) -> Bool {
        text.utf8.count == 16 && text.allSatisfy { "0123456789abcdef".contains($0) }
    }

    /// The same claim, later.
    var next: Claim {
        var claim = self
        claim.count += 1
        return claim
    }

    /// What a start makes of it.
    func taken(by holder: String) -> Claim { Claim(journal: journal, holder: holder) }

    /// What is left of it by who has closed the journal.
    var free: Claim { Claim(journal: journal, holder: nil) }
}

/// Looks on at a claim until it is clear whether its holder still runs.
///
/// The clocks of two hosts are never compared: only whether the claim changes as long as this one looks.
struct ClaimWatch {
    /// How long a claim that nobody renews is left to its holder.
    static let patience = Duration.seconds(12)

    enum Verdict: Equatable {
        /// To look again in a moment.
        case wait
        /// Nobody has the directory: to take the claim, if it is still the same.
        case take
        /// Its holder runs.
        case refuse
    }

    private var seen: Claim?
    private var since = Duration.zero

    /// - Parameters:
    ///   - claim: What there is now.
    ///   - isGone: The holder was a process of this machine, and is no more.
    ///   - now: In uptime.
    mutating func look(at claim: Claim, isGone: Bool, now: Duration) -> Verdict {
        if claim.holder == nil || isGone { return .take }
        guard let seen else {
            (seen, since) = (claim, now)
            return .wait
        }
        guard seen == claim else { return .refuse }
        return now - since < Self.patience ? .wait : .take
    }
}
