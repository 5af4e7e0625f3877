import Foundation
import HTTP
import Histories
import Murmuration

/// All that is answered: the page, its files, and what it asks for.
package struct Site: Sendable {
    private let coordinator: FollowedCoordinator
    private let gate: Gate
    private let assets = Assets()
    private let streams = StreamCount()
    private let answers = AnswerCount()

    /// - Parameters:
    ///   - port: where it is served.
    ///   - names: by which browsers reach it, beside this machine's own.
    package init(_ coordinator: FollowedCoordinator, token: String, port: Int, names: [String]) {
        self.coordinator = coordinator
        gate = Gate(token: token, port: port, names: Gate.loopbackNames + names)
    }

    /// What a browser opens, with the token.
    package func address(host: String) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "http://\(name):\(gate.port)/?token=\(gate.token)"
    }

    package func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let response = await response(to: request)
        answers.count(response.status)
        return response
    }

    /// For whoever operates it.
    package var figures: Figures {
        get async {
            var figures = await coordinator.figures
            figures.answers = answers.all
            figures.streams = streams.open
            return figures
        }
    }

    private func response(to request: HTTPRequest) async -> HTTPResponse {
        do {
            switch gate.decide(request) {
            case .enter: return try await route(request)
            case .welcome:
                let cookie = "\(gate.cookie)=\(gate.token); Path=/; HttpOnly; SameSite=Strict"
                return HTTPResponse(
                    .seeOther, headers: Headers.text + [("Location", "/"), ("Set-Cookie", cookie)])
            case .refuse(let status, let sentence): throw Refusal(status, sentence)
            }
        } catch let refusal as Refusal {
            return Self.refused(refusal, isAPI: request.path.first == "api")
        } catch {
            let sentence = Terminal.escaped("\(error)")
            return Self.refused(Refusal(.unavailable, sentence), isAPI: true)
        }
    }

    private static func refused(_ refusal: Refusal, isAPI: Bool) -> HTTPResponse {
        guard isAPI else {
            return HTTPResponse(
                refusal.status, headers: Headers.text,
                body: .bytes(Data((refusal.sentence + "\n").utf8)))
        }
        return json(JSONLine.text(["error": refusal.sentence]), refusal.status)
    }

    private static func json(_ text: String, _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, headers: Headers.json, body: .bytes(Data(text.utf8)))
    }

    private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
        let path = request.path
        switch (path.first, path.count) {
        case (nil, _): return try assets.response(to: request, name: "index.html")
        case ("favicon.ico", 1): return try assets.response(to: request, name: "icon.svg")
        case ("assets", 2...):
            let name = path.dropFirst().joined(separator: "/")
            return try assets.response(to: request, name: name)
        case ("api", 2...): return try await api(path.dropFirst().map(\.self), request)
        default: throw Refusal(.notFound, "There is nothing here; the page is at /.")
        }
    }

    private func api(_ path: [String], _ request: HTTPRequest) async throws -> HTTPResponse {
        let parameters = Parameters(query: request.query)
        switch (path[0], path.count) {
        case ("state", 1): return Self.json(JSONLine.text(await coordinator.state()))
        case ("stream", 1): return try await stream(request, parameters)
        case ("populations", 3...):
            let population = try await coordinator.population(path[1])
            let api = PopulationAPI(
                population, name: path[1], source: try? await coordinator.opening())
            let rest = Array(path.dropFirst(2))
            if let export = try await api.export(rest, parameters) { return export }
            return Self.json(try await api.answer(rest, parameters))
        default: throw Refusal(.notFound, "There is no such question; api/state is one.")
        }
    }

    private func stream(
        _ request: HTTPRequest, _ parameters: Parameters
    ) async throws -> HTTPResponse {
        guard let name = parameters.text("population") else {
            throw Refusal(.badRequest, "Say whose events: population=NAME.")
        }
        let population = try await coordinator.population(name)
        let last =
            try parameters.sequence("last") ?? request["last-event-id"].flatMap { UInt64($0) }
        guard let place = streams.take() else {
            throw Refusal(
                .tooManyRequests, "There are \(StreamCount.most) streams already; close some pages."
            )
        }
        let stream = EventStream(
            coordinator, population, name: name, last: last, among: streams)
        return HTTPResponse(
            headers: Headers.stream,
            body: .stream { writer in
                defer { withExtendedLifetime(place) {} }
                try await stream.write(to: writer)
            })
    }
}
