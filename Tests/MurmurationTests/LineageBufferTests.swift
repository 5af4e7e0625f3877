import Messages
import Testing

@testable import Murmuration

struct LineageBufferTests {
    private var buffer = LineageBuffer(after: 10)

    /// Copies with these sequences.
    private static func events(_ sequences: [UInt64]) -> [WireEvent] {
        sequences.map { sequence in
            var event = WireEvent()
            event.sequence = sequence
            event.reported.exploit.donor = 3
            return event
        }
    }

    private static func message(
        epoch: UInt64 = 1, counter: UInt64, _ sequences: UInt64...
    ) -> WireBroadcast {
        var message = WireBroadcast()
        message.epoch = epoch
        message.counter = counter
        message.committed = sequences.last ?? 0
        message.lineage.events = events(sequences)
        return message
    }

    private static func board(epoch: UInt64 = 1, committed: UInt64) -> WireBroadcast {
        var message = WireBroadcast()
        message.epoch = epoch
        message.committed = committed
        message.leaderboard = WireLeaderboard()
        return message
    }

    private static func page(_ sequences: [UInt64]) -> [Event] {
        events(sequences).compactMap(Event.init)
    }

    /// The sequences that can be taken now.
    private mutating func take() -> [UInt64] {
        var taken: [UInt64] = []
        while case .event(let event) = buffer.next() { taken.append(event.sequence) }
        return taken
    }

    /// A buffer that has followed up to sequence 20, and message 5 of epoch 1.
    private mutating func follow() {
        buffer.admit(Self.message(counter: 5, 20))
        buffer.fill(Self.page([20]), after: 10, upTo: 20, more: false)
        #expect(take() == [20])
        #expect(buffer.next() == nil)
    }

    @Test mutating func `What was pruned meanwhile is asked for once, and not waited for`() {
        follow()
        buffer.admit(Self.board(epoch: 2, committed: 100))
        buffer.admit(Self.message(epoch: 2, counter: 3, 95))
        #expect(buffer.next() == .missed(after: 20))
        buffer.fill(Self.page([90]), after: 20, upTo: 90, more: false)
        #expect(take() == [90])
        #expect(buffer.next() == .missed(after: 90))
        buffer.fill([], after: 90, upTo: 90, more: false)
        #expect(buffer.next() == nil)
    }

    @Test mutating func `What came before the first message is asked for`() {
        #expect(buffer.next() == nil)
        buffer.admit(Self.board(committed: 15))
        #expect(buffer.next() == .missed(after: 10))
        buffer.fill(Self.page([12, 14]), after: 10, upTo: 15, more: false)
        #expect(take() == [12, 14])
        #expect(buffer.next() == nil)
    }

    @Test mutating func `Messages that follow each other are passed on`() {
        follow()
        buffer.admit(Self.message(counter: 6, 21, 22))
        buffer.admit(Self.board(committed: 22))
        buffer.admit(Self.message(counter: 7, 25))
        #expect(take() == [21, 22, 25])
        #expect(buffer.next() == nil)
    }

    @Test mutating func `A message that was lost is asked for, and nothing comes twice`() {
        follow()
        buffer.admit(Self.message(counter: 6, 21))
        buffer.admit(Self.message(counter: 8, 30))
        #expect(take() == [21])
        #expect(buffer.next() == .missed(after: 21))
        // Published before the history was read, received after.
        buffer.fill(Self.page([25, 30, 31]), after: 21, upTo: 31, more: false)
        buffer.admit(Self.message(counter: 9, 31))
        buffer.admit(Self.message(counter: 10, 32))
        #expect(take() == [25, 30, 31, 32])
        #expect(buffer.next() == nil)
    }

    @Test mutating func `It asks until there is no more, and nothing was left out meanwhile`() {
        follow()
        buffer.admit(Self.message(counter: 8, 30))
        buffer.fill(Self.page([25]), after: 20, upTo: 25, more: true)
        #expect(take() == [25])
        #expect(buffer.next() == .missed(after: 25))
        buffer.admit(Self.message(counter: 9, 40))
        buffer.fill(Self.page([30]), after: 25, upTo: 30, more: false)
        #expect(take() == [30])
        #expect(buffer.next() == .missed(after: 30))
        buffer.fill(Self.page([40]), after: 30, upTo: 41, more: false)
        #expect(take() == [40])
        #expect(buffer.next() == nil)
    }

    @Test mutating func `A new epoch is asked about`() {
        follow()
        buffer.admit(Self.board(epoch: 2, committed: 22))
        #expect(buffer.next() == .missed(after: 20))
        buffer.fill(Self.page([22]), after: 20, upTo: 22, more: false)
        buffer.admit(Self.message(epoch: 2, counter: 1, 23))
        #expect(take() == [22, 23])
        #expect(buffer.next() == nil)
    }

    @Test(arguments: [2, 1] as [UInt64])
    mutating func `Another journal is followed from its beginning`(epoch: UInt64) {
        follow()
        buffer.admit(Self.message(epoch: epoch, counter: 1, 4))
        #expect(buffer.next() == .missed(after: 0))
        // The answer to what was asked of the former one comes to nothing.
        buffer.fill(Self.page([21]), after: 20, upTo: 21, more: false)
        #expect(buffer.next() == .missed(after: 0))
        buffer.fill(Self.page([2, 4]), after: 0, upTo: 4, more: false)
        #expect(take() == [2, 4])
    }

    @Test mutating func `Who takes nothing costs a bounded number of events`() {
        follow()
        let many = (0..<UInt64(LineageBuffer.capacity) + 100).map { 21 + $0 }
        for sequence in many {
            buffer.admit(Self.message(counter: sequence - 15, sequence))
        }
        #expect(take() == Array(many.prefix(LineageBuffer.capacity)))
        let last = many[LineageBuffer.capacity - 1]
        #expect(buffer.next() == .missed(after: last))
        let rest = Array(many.suffix(100))
        buffer.fill(Self.page(rest), after: last, upTo: rest[99], more: false)
        #expect(take() == rest)
        #expect(buffer.next() == nil)
    }

    @Test mutating func `Of the history only the lineage is passed on`() {
        buffer.admit(Self.board(committed: 14))
        var events = Self.events([11, 12, 13, 14])
        events[0].kind = .leased(WireEvent.Leased())
        events[1].reported.clearExploit()
        events[2].kind = .declined(WireEvent.Declined())
        buffer.fill(events.compactMap(Event.init), after: 10, upTo: 14, more: false)
        #expect(take() == [13, 14])
    }
}
