import Foundation
import Messages
import SwiftProtobuf

@testable import ClientMachine

/// One file of `Tests/Vectors/sessions`; its README says what the keys mean.
struct RecordedSession {
    let name: String
    let timing: ClientMachine.Timing
    let chance: Double
    let steps: [Step]

    struct Step {
        let at: Duration
        let input: Input
        let out: [Happening]
        /// What the machine's time must be after it; `nil` when any may be.
        let due: Due?
    }

    enum Due: Equatable {
        case never
        case at(Duration)
    }

    enum Input {
        case want
        case ask(WireRequest.OneOf_Body)
        case giveUp(UInt64)
        case hold(UInt64, rejoin: WireJoin?)
        case forget(UInt64)
        case shakenHands
        case handshakeFailed
        case broke
        case frame([UInt8])
        case connectAgain(Duration)
        case fail
        case tick
    }

    struct Unreadable: Error { var why: String }
}

/// An action of a machine as a session tells it.
enum Happening: Equatable {
    case connect, disconnect, ready, unasked, failed
    case send(WireRequest)
    case answered(UInt64)
    /// A code that is not told may be any.
    case refused(UInt64, code: String?)
    case unavailable(UInt64)
    case leaseGone(UInt64)
}

// MARK: - Reading

extension RecordedSession {
    static func all() throws -> [RecordedSession] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/sessions")
        return try FileManager.default
            .contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .map { url in
                let name = url.deletingPathExtension().lastPathComponent
                return try RecordedSession(name: name, json: Data(contentsOf: url))
            }
            .sorted { $0.name < $1.name }
    }

    init(name: String, json: Data) throws {
        let object = try JSONObject(JSONSerialization.jsonObject(with: json), in: name)
        _ = try object.text("says")
        let times = try object.object("timing")
        self.name = name
        timing = ClientMachine.Timing(
            retry: try times.time("retry"), retryLimit: try times.time("retry_limit"),
            misses: Int(try times.number("misses")), reconnect: try times.time("reconnect"),
            reconnectLimit: try times.time("reconnect_limit"))
        chance = try object.number("chance")
        steps = try object.objects("steps").map(Step.init)
    }
}

extension RecordedSession.Step {
    fileprivate init(_ object: JSONObject) throws {
        at = try object.time("at")
        input = try RecordedSession.Input(object)
        out = try object.objects("out").map(Happening.init)
        due =
            switch object.all["due"] {
            case nil: nil
            case is NSNull: .never
            default: .at(try object.time("due"))
            }
    }
}

extension RecordedSession.Input {
    fileprivate init(_ object: JSONObject) throws {
        let keys = object.all.keys.filter { !["at", "out", "due"].contains($0) }
        guard let key = keys.first, keys.count == 1 else {
            throw RecordedSession.Unreadable(why: "a step has one input, and not \(keys)")
        }
        switch key {
        case "want": self = .want
        case "ask":
            guard let body = try WireRequest(jsonString: object.json(key)).body else {
                throw RecordedSession.Unreadable(why: "a request has a body")
            }
            self = .ask(body)
        case "give_up": self = .giveUp(try object.id(key))
        case "hold":
            let lease = try object.object(key)
            let rejoin: WireJoin? =
                lease.all["rejoin"] == nil
                ? nil : try WireJoin(jsonString: lease.json("rejoin"))
            self = .hold(try lease.id("token"), rejoin: rejoin)
        case "forget": self = .forget(try object.id(key))
        case "shaken_hands": self = .shakenHands
        case "handshake_failed": self = .handshakeFailed
        case "broke": self = .broke
        case "reply": self = .frame(try WireReply(jsonString: object.json(key)).bytes)
        case "frame": self = .frame(try object.bytes(key))
        case "connect_again": self = .connectAgain(try object.time(key))
        case "fail": self = .fail
        case "tick": self = .tick
        default: throw RecordedSession.Unreadable(why: "no input is called \(key)")
        }
    }
}

extension Happening {
    fileprivate init(_ object: JSONObject) throws {
        guard let key = object.all.keys.first, object.all.count == 1 else {
            throw RecordedSession.Unreadable(why: "an action has one key, and not \(object.all)")
        }
        switch key {
        case "connect": self = .connect
        case "disconnect": self = .disconnect
        case "ready": self = .ready
        case "unasked": self = .unasked
        case "failed": self = .failed
        case "send": self = .send(try WireRequest(jsonString: object.json(key)).withoutClient)
        case "answered": self = .answered(try object.id(key))
        case "refused":
            let refused = try object.object(key)
            self = .refused(try refused.id("id"), code: refused.all["code"] as? String)
        case "unavailable": self = .unavailable(try object.id(key))
        case "lease_gone": self = .leaseGone(try object.id(key))
        default: throw RecordedSession.Unreadable(why: "no action is called \(key)")
        }
    }
}

extension WireRequest {
    /// What the Hello calls the client is left out.
    var withoutClient: WireRequest {
        var request = self
        if case .hello(var hello) = request.body {
            hello.client = ""
            request.hello = hello
        }
        return request
    }
}

/// An object of a session's JSON, which says what is missing of it.
private struct JSONObject {
    let all: [String: Any]

    init(_ any: Any?, in place: String) throws {
        guard let all = any as? [String: Any] else {
            throw RecordedSession.Unreadable(why: "\(place) is no object")
        }
        self.all = all
    }

    private func value<Value>(_ key: String, as type: Value.Type = Value.self) throws -> Value {
        guard let value = all[key] as? Value else {
            throw RecordedSession.Unreadable(why: "\(key) is no \(type) in \(all)")
        }
        return value
    }

    func text(_ key: String) throws -> String { try value(key) }
    func number(_ key: String) throws -> Double { try value(key, as: NSNumber.self).doubleValue }

    /// To the millionth of a second, so that sums of times meet.
    func time(_ key: String) throws -> Duration {
        .microseconds(Int64((try number(key) * 1e6).rounded()))
    }

    /// A number, or one as a text.
    func id(_ key: String) throws -> UInt64 {
        if let text = all[key] as? String, let id = UInt64(text) { return id }
        return try value(key, as: NSNumber.self).uint64Value
    }

    func object(_ key: String) throws -> JSONObject { try JSONObject(all[key], in: key) }

    func objects(_ key: String) throws -> [JSONObject] {
        try value(key, as: [Any].self).map { try JSONObject($0, in: key) }
    }

    func json(_ key: String) throws -> String {
        String(
            decoding: try JSONSerialization.data(withJSONObject: object(key).all), as: UTF8.self)
    }

    func bytes(_ key: String) throws -> [UInt8] {
        let digits = try text(key).compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
