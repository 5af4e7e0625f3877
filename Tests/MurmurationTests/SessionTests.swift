import Foundation
import Messages
import SwiftProtobuf
import Testing

@testable import ClientMachine

/// What a client says and when, as it was recorded: `Tests/Vectors/sessions`. Python runs them too.
struct SessionTests {
    @Test func `Each session goes as it was recorded`() throws {
        let sessions = try RecordedSession.all()
        #expect(sessions.count >= 28)
        for session in sessions {
            if let difference = try session.difference() {
                Issue.record("\(session.name), \(difference)")
            }
        }
    }

    @Test(arguments: [
        (
            #"{"at": 0.1, "shaken_hands": true, "out": [], "due": 2.1}"#,
            "step 2 at 0.1 s: the machine does send id: 1 hello { min_version: 1 max_version: 1 }, "
                + "and the session says nothing"
        ),
        (
            #"{"at": 0.1, "broke": true, "out": [{"disconnect": true}], "due": 1}"#,
            "step 2 at 0.1 s: the machine is due at 0.5 s, and the session says at 1.0 s"
        ),
        (
            #"{"at": 0.1, "tick": true, "out": [{"failed": true}, {"refused": {"id": 7}}]}"#,
            "step 2 at 0.1 s: the machine does nothing, and the session says failed; refused 7"
        ),
    ])
    func `A session that goes otherwise is told with its step`(step: String, says: String) throws {
        let session = try RecordedSession(
            name: "other",
            json: Data(
                """
                {"says": "", "chance": 0.5,
                 "timing": {"retry": 2, "retry_limit": 15, "misses": 3, "reconnect": 0.2,
                            "reconnect_limit": 10},
                 "steps": [{"at": 0, "want": true, "out": [{"connect": true}]}, \(step)]}
                """.utf8))
        #expect(try session.difference() == says)
    }
}

extension RecordedSession {
    /// The first thing that goes otherwise, in words; `nil` when nothing does.
    func difference() throws -> String? {
        var keys: UInt8 = 0
        var machine = ClientMachine(
            timing: timing, client: "test", chance: { chance },
            newKey: {
                keys += 1
                return Data(repeating: keys, count: Limits.keyBytes)
            })
        for (number, step) in zip(1..., steps) {
            let place = "step \(number) at \(step.at.words)"
            let happened = try machine.go(through: step).map(Happening.init)
            guard happened.elementsEqual(step.out, by: { $0.fits($1) }) else {
                return """
                    \(place): the machine does \(happened.words), and the session says \
                    \(step.out.words)
                    """
            }
            let due = machine.due.map(Due.at) ?? .never
            if let told = step.due, due != told {
                return """
                    \(place): the machine is due \(due.words), and the session says \(told.words)
                    """
            }
        }
        return nil
    }
}

extension ClientMachine {
    fileprivate mutating func go(through step: RecordedSession.Step) throws -> [Action] {
        var actions: [Action] = []
        let now = step.at
        switch step.input {
        case .want: want()
        case .ask(let body): _ = try ask(body, at: now)
        case .giveUp(let id):
            giveUp(id)
            return []
        case .hold(let lease, let rejoin): hold(lease, rejoin: rejoin, at: now)
        case .forget(let lease): forget(lease)
        case .shakenHands: actions = shakenHands(at: now)
        case .handshakeFailed: actions = handshakeFailed(at: now)
        case .broke: actions = broke(at: now)
        case .frame(let frame): actions = received(frame, at: now)
        case .connectAgain(let time): connectAgain(at: time)
        case .fail: actions = fail()
        case .tick: break
        }
        return actions + tick(at: now)
    }
}

extension Happening {
    fileprivate init(_ action: ClientMachine.Action) throws {
        self =
            switch action {
            case .connect: .connect
            case .disconnect: .disconnect
            case .send(let frame): .send(try WireRequest(frame: frame).withoutClient)
            case .answered(let id, _): .answered(id)
            case .refused(let id, let error): .refused(id, code: error?.code.name)
            case .unavailable(let id, _): .unavailable(id)
            case .unasked: .unasked
            case .ready: .ready
            case .leaseGone(let lease, _): .leaseGone(lease)
            case .failed: .failed
            }
    }

    fileprivate func fits(_ told: Happening) -> Bool {
        if case .refused(let id, _) = self, case .refused(id, code: nil) = told { return true }
        return self == told
    }

    fileprivate var words: String {
        switch self {
        case .connect: "connect"
        case .disconnect: "disconnect"
        case .ready: "ready"
        case .unasked: "unasked"
        case .failed: "failed"
        case .send(let request):
            "send "
                + request.textFormatString().split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
        case .answered(let id): "answered \(id)"
        case .refused(let id, let code): "refused \(id)" + (code.map { " with \($0)" } ?? "")
        case .unavailable(let id): "unavailable \(id)"
        case .leaseGone(let lease): "lease \(lease) gone"
        }
    }
}

extension [Happening] {
    fileprivate var words: String {
        isEmpty ? "nothing" : map(\.words).joined(separator: "; ")
    }
}

extension RecordedSession.Due {
    fileprivate var words: String {
        switch self {
        case .never: "never"
        case .at(let time): "at \(time.words)"
        }
    }
}

extension Duration {
    fileprivate var words: String { "\(self / .seconds(1)) s" }
}
