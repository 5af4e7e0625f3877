import Messages

/// A worker as the coordinator sees one: it joins, trains, reports, and asks again until there is an
/// answer.
struct SimulatedWorker {
    let number: Int
    /// How often it was started. Each life knows nothing of those before.
    private(set) var life = 0
    /// Where its replies go.
    var connection = 0
    var isAlive = false
    var keeps = false
    /// Until when it stands still.
    var stoppedUntil = Duration.zero
    /// Counts what it set its alarm for: only the last counts.
    var alarm = 0

    var outstanding: Outstanding?
    var lease: WireLease?
    /// The lease that it had before, which it names when it joins anew.
    var former: UInt64 = 0
    /// The step of its model.
    var step = 0
    /// The last report of its lease that was answered.
    var sequence: UInt64 = 0
    /// What its next report says of the last exploit.
    var effect = WireEffect.unspecified
    /// It declined just now.
    var declined = false
    /// Releases that it dealt with, until a report that says so is answered.
    var released: [UInt64] = []
    /// A report to send again, once the lease is taken up after the coordinator was away.
    var interrupted: WireReport?

    /// A request without an answer.
    struct Outstanding {
        var request: WireRequest
        var attempts = 0
    }

    init(number: Int) { self.number = number }

    var name: String { "w\(number).\(life)" + (keeps ? Self.keeper : "") }
    private static let keeper = "k"

    /// The number and the life of the worker of this name.
    static func parts(of name: String) -> (number: Int, life: Int)? {
        let parts = name.drop { !$0.isNumber }.split { !$0.isNumber }.compactMap { Int($0) }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    /// Whether the worker of this name keeps its member.
    static func isKeeper(_ name: String) -> Bool { name.hasSuffix(keeper) }

    mutating func begin(keeps: Bool, connection: Int) {
        self = SimulatedWorker(number: number, life: life + 1, alarm: alarm)
        self.keeps = keeps
        self.connection = connection
        isAlive = true
    }

    private init(number: Int, life: Int, alarm: Int) {
        self.number = number
        self.life = life
        self.alarm = alarm
    }

    /// Has no lease any more.
    mutating func drop() {
        former = lease?.token ?? former
        lease = nil
        sequence = 0
        effect = .unspecified
        interrupted = nil
    }
}
