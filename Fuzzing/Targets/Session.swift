/// An input that is several messages, with commands between them.
///
/// A message ends before two bytes 0xFE and the letter of a command, or at the end of the input, so
/// that a message may grow and shrink without any effect on those after it.
struct Session: Sequence, IteratorProtocol {
    enum Command: UInt8 {
        /// Nothing but the next message.
        case next = 0x2E  // .
        /// The next message belongs to the same turn.
        case join = 0x2C  // ,
        /// Time passes: half a second,
        case wait = 0x77  // w
        /// and a minute.
        case waitLong = 0x57  // W
        /// The coordinator is killed, and another one goes on.
        case restart = 0x72  // r
        /// The next commit is refused,
        case refuse = 0x66  // f
        /// and the same, but it is on disk after all.
        case refuseLate = 0x6C  // l
        /// What comes next is by a connection of the secret's holder, or of a key of this role.
        case asShared = 0x73  // s
        case asWorker = 0x6B  // k
        case asMonitor = 0x6D  // m
        case asAdmin = 0x61  // a
    }

    private var rest: ArraySlice<UInt8>
    private var isOver = false

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func next() -> (message: [UInt8], command: Command)? {
        guard !isOver else { return nil }
        for index in rest.indices.dropLast(2) where rest[index] == 0xFE && rest[index + 1] == 0xFE {
            guard let command = Command(rawValue: rest[index + 2]) else { continue }
            let message = Array(rest[..<index])
            rest = rest[(index + 3)...]
            return (message, command)
        }
        isOver = true
        return (Array(rest), .next)
    }
}
