import Foundation

/// Tells when libzmq's I/O thread has ended what it was doing.
///
/// A word goes over a connection of this process with itself, which that thread serves like any
/// other: it carries a word only after it ended what it was at when the word was sent.
struct Fence: ~Copyable {
    /// To poll.
    private(set) var socket: Socket
    private var sender: Socket
    /// Where the two find each other, until they did.
    private var place: Place?
    private var isUp: Bool

    private static let word: [UInt8] = [1]
    private static let patience = Duration.seconds(1)

    init(in context: Context) throws(ZeroMQError) {
        let place = try Place()
        var receiver = try Socket(.pair, in: context)
        var sender = try Socket(.pair, in: context)
        try receiver.bind(place.endpoint)
        try sender.connect(place.endpoint)
        var isUp = try sender.send(Self.word) == .sent
        // When it is there the two have found each other, a moment later as a rule.
        var poller = try Poller()
        poller.add(receiver)
        try poller.wait(atMost: Self.patience)
        if try receiver.receive() != nil { isUp = false }
        self.isUp = isUp
        self.place = isUp ? place : nil
        self.sender = sender
        socket = receiver
    }

    /// What the I/O thread is doing now must end before this is down.
    mutating func raise() throws(ZeroMQError) {
        precondition(!isUp, "One word is under way at a time.")
        isUp = try sender.send(Self.word) == .sent
        precondition(isUp, "There is room for one word.")
    }

    /// Whether nothing that the I/O thread did when it was raised goes on.
    mutating func isDown() throws(ZeroMQError) -> Bool {
        if isUp, try socket.receive() != nil {
            isUp = false
            place = nil
        }
        return !isUp
    }

    /// A directory that nobody else may enter, which goes with its last owner.
    private final class Place: Sendable {
        private let directory: String

        /// What a socket's path may have on macOS, which permits the least, without the zero at the end.
        private static let longestPath = 103

        init() throws(ZeroMQError) {
            let parent = FileManager.default.temporaryDirectory.path
            var template = Array("\(parent)/murmuration-XXXXXX".utf8CString)
            let end = Self.socket(in: "").utf8.count
            guard template.count - 1 + end <= Self.longestPath, mkdtemp(&template) != nil else {
                throw .noTemporaryFiles(directory: parent)
            }
            directory = String(
                decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }

        var endpoint: String { "ipc://" + Self.socket(in: directory) }

        private static func socket(in directory: String) -> String { directory + "/s" }

        deinit {
            // What cannot be removed is an empty name, in which nobody finds anything.
            unlink(Self.socket(in: directory))
            rmdir(directory)
        }
    }
}
