import Coordinator
import Foundation
import Messages

// The network: messages are late, lost, doubled, and overtake each other.
extension Simulation {
    /// A request on its way to the coordinator.
    func send(_ request: WireRequest, by client: Int, from connection: Int) throws {
        let isAgain = try oracle.asked(request, by: client, over: connection, at: clock)
        if isAgain { summary.retries += 1 }
        if case .heartbeat = request.body {
        } else {
            say("  request \(client).\(request.id) is sent\(isAgain ? " again" : "")")
        }
        let frame = request.bytes
        for time in journeys(of: "request \(client).\(request.id)") {
            plan(.arrival(frame, from: connection), after: time)
        }
    }

    /// A reply on its way from the coordinator.
    func send(_ reply: WireReply, to connection: Int) throws {
        try oracle.left(reply, over: connection, at: clock)
        let frame = reply.bytes
        for time in journeys(of: "reply \(oracle.client(at: connection)).\(reply.id)") {
            plan(.reply(frame, to: connection), after: time)
        }
    }

    func broadcast(_ publication: Core.Publication) {
        let frame = publication.frame
        for monitor in monitors.indices
        where monitors[monitor].population == publication.population {
            for time in journeys(of: "a board") {
                plan(.broadcast(frame, to: monitor), after: time)
            }
        }
    }

    /// How long each copy of a message takes that arrives.
    private func journeys(of what: @autoclosure () -> String) -> [Duration] {
        guard !isHealed else { return [random.seconds(0.0005...0.005)] }
        if random.chance(scenario.loss) {
            summary.lost += 1
            say("\(what()) is lost")
            return []
        }
        let copies = random.chance(scenario.duplication) ? 2 : 1
        if copies > 1 {
            summary.doubled += 1
            say("\(what()) is doubled")
        }
        return (0..<copies).map { _ in
            guard random.chance(scenario.delay) else { return random.seconds(0.0005...0.02) }
            let time = random.seconds(0.01...20)
            summary.delayed += 1
            say("\(what()) takes \(time)")
            return time
        }
    }

    func deliver(_ frame: [UInt8], to connection: Int) throws {
        guard let party = parties[connection], let reply = WireReply(bytes: frame) else { return }
        switch party {
        case .worker(let number): try take(reply, frame, number)
        case .administrator: try takeAnswer(reply)
        case .monitor(let number): try takeHistory(reply, number)
        }
    }

    func newRequest(_ body: WireRequest.OneOf_Body) -> WireRequest {
        requests += 1
        var request = WireRequest()
        request.id = requests
        request.body = body
        return request
    }

    /// 16 bytes as no other request has them.
    func newKey() -> Data {
        Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// After which a request is sent again that has no answer.
    func patience(attempts: Int) -> Duration {
        random.seconds(0.75...1.25) * (1 << min(attempts, 3))
    }
}
