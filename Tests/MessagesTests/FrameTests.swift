import Evolution
import Messages
import Testing

/// Frames that are put together from parts are those that the serializer would make.
struct FrameTests {
    static let numbers: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, 1 << 32, .max]

    private func reply(_ number: UInt64, _ body: WireReply.OneOf_Body) -> WireReply {
        var reply = WireReply()
        (reply.id, reply.epoch, reply.committed) = (number, number, number)
        reply.body = body
        return reply
    }

    private func broadcast(_ number: UInt64, _ body: WireBroadcast.OneOf_Body) -> WireBroadcast {
        var broadcast = WireBroadcast()
        (broadcast.epoch, broadcast.counter, broadcast.committed) = (number, number, number)
        broadcast.body = body
        return broadcast
    }

    private func frame(_ number: UInt64, _ field: [UInt8]) -> [UInt8] {
        WireReply.frame(id: number, epoch: number, committed: number, body: field)
    }

    @Test(arguments: numbers) func `A reply`(number: UInt64) {
        let body = WireReply.OneOf_Body.error(WireError(.invalid, "Send something else."))
        #expect(frame(number, WireReply.field(body)) == reply(number, body).bytes)
    }

    @Test(arguments: numbers) func `A directive of any length`(number: UInt64) {
        var directive = WireDirective()
        #expect(
            frame(number, WireReply.field(directive: directive.bytes))
                == reply(number, .directive(directive)).bytes)
        directive.same.targetStep = number
        for length in [0, 100, 127, 128, 20_000] {
            directive.stop.reason = String(repeating: "r", count: length)
            #expect(
                frame(number, WireReply.field(directive: directive.bytes))
                    == reply(number, .directive(directive)).bytes)
        }
    }

    @Test(arguments: 0..<500 as Range<UInt64>) func `The answer to a report`(seed: UInt64) throws {
        var dice = WireDice(state: seed)
        let values = (0..<2).map { _ in (0..<20).map { _ in dice.value() } }
        let space = try SearchSpace(
            (0..<20).map {
                Hyperparameter(
                    name: String(repeating: "n", count: $0 + 1), domain: .number(0...1, .linear))
            })
        let donor = CommittedState(
            member: dice.integer(), report: 1, step: dice.integer(), score: dice.double(),
            hyperparameters: values[0], checkpoint: dice.text())
        let exploit: Exploit? =
            Bool.random(using: &dice)
            ? Exploit(donor: donor, explored: values[1], operations: []) : nil
        var directive = WireDirective()
        directive.outcome =
            exploit.map { .exploit(WireExploit($0, space: space)) } ?? .continue(WireContinue())
        switch Int.random(in: 0..<5, using: &dice) {
        case 0...1: directive.same.targetStep = UInt64(dice.integer())
        case 2: directive.lease.population = dice.text()
        case 3: directive.wait.milliseconds = UInt32(truncatingIfNeeded: dice.integer())
        default: directive.stop.reason = dice.text()
        }
        directive.released = (0..<Int.random(in: 0..<4, using: &dice)).map { _ in
            var release = WireRelease()
            release.number = UInt64(dice.integer())
            release.checkpoint = dice.text()
            return release
        }
        let assignment = try #require(directive.assignment)
        #expect(
            WireDirective.bytes(
                exploit: exploit, space: space, assignment: assignment,
                released: directive.released) == directive.bytes)
    }

    @Test(arguments: numbers, [0, 1, 50]) func `A board, also for one connection`(
        number: UInt64, entries: Int
    ) throws {
        var board = WireLeaderboard()
        board.population = "p"
        board.minimize = true
        board.offset = number
        board.summary.members = number
        board.best.member = number
        for rank in 0..<entries {
            var entry = WireEntry()
            entry.rank = UInt64(rank + 1)
            entry.score = -Double(rank)
            entry.checkpoint = String(repeating: "c", count: 10 * rank)
            board.entries.append(entry)
        }
        var head = board
        head.entries = []
        let serialized = SerializedBoard(head: head, entries: board.entries.map(\.bytes))
        let made = WireBroadcast.frame(
            epoch: number, counter: number, committed: number,
            body: WireBroadcast.field(serialized))
        let expected = broadcast(number, .leaderboard(board))
        // Its fields may come in another order.
        #expect(try WireBroadcast(frame: made) == expected)
        #expect(made.count == expected.bytes.count)
        let envelope = try WireReply(frame: frame(0, WireReply.field(broadcast: made)))
        #expect(envelope == reply(0, .broadcast(expected)))
    }

    @Test(arguments: numbers) func `News`(number: UInt64) {
        var lineage = WireLineage()
        lineage.population = "p"
        lineage.events = (0..<3 as Range<UInt64>).map { index in
            var event = WireEvent()
            event.sequence = number
            event.member = index
            event.declined.reason = String(repeating: "r", count: 100 * Int(index))
            return event
        }
        let field = WireBroadcast.field(newsOf: "p", events: lineage.events.map(\.bytes))
        let made = WireBroadcast.frame(
            epoch: number, counter: number, committed: number, body: field)
        #expect(made == broadcast(number, .lineage(lineage)).bytes)
    }
}
