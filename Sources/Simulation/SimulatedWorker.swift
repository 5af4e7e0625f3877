import Messages

/// A worker as the coordinator sees one: it joins, trains and reports. Its client asks for it.
struct SimulatedWorker {
    let number: Int
    /// How often it was started. Each life knows nothing of those before.
    private(set) var life = 0
    /// By what it asks; `nil` when it is not alive.
    var client: SimulatedClient?
    /// The number of the population that it trains in this life.
    private(set) var population = 0
    private(set) var keeps = false
    /// Until when it stands still.
    var stoppedUntil = Duration.zero
    /// Counts what it set its alarm for: only the last counts.
    var alarm = 0

    /// What it asked, and has no answer to.
    var asked: WireRequest.OneOf_Body?
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

    init(number: Int) { self.number = number }

    var isAlive: Bool { client != nil }

    var name: String { "w\(number).\(life)" + (keeps ? Self.keeper : "") }
    private static let keeper = "k"

    /// The number and the life of the worker of this name.
    static func parts(of name: String) -> (number: Int, life: Int)? {
        let parts = name.drop { !$0.isNumber }.split { !$0.isNumber }.compactMap { Int($0) }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    /// Whether the worker of this name keeps its member.
    static func isKeeper(_ name: String) -> Bool { name.hasSuffix(keeper) }

    mutating func begin(for population: Int, keeps: Bool) {
        self = SimulatedWorker(number: number, life: life + 1, alarm: alarm)
        self.population = population
        self.keeps = keeps
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
    }
}

/// By what a worker asks.
enum SimulatedClient {
    /// The client library's machine.
    case machine(MachineClient)
    /// One that somebody else wrote.
    case plain(PlainClient)

    /// Where its replies go; `nil` while there is no connection.
    var connection: Int? {
        switch self {
        case .machine(let client): client.connection
        case .plain(let client): client.connection
        }
    }
}
