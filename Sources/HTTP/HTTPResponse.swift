import Foundation

/// What a request is answered.
package struct HTTPResponse: Sendable {
    package var status: HTTPStatus
    package var headers: [(name: String, value: String)]
    package var body: Body

    package enum Body: Sendable {
        case bytes(Data)
        /// Written as it comes, until it returns; the connection ends with it.
        case stream(@Sendable (HTTPWriter) async throws -> Void)
    }

    package init(
        _ status: HTTPStatus = .ok, headers: [(name: String, value: String)] = [],
        body: Body = .bytes(Data())
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Its first lines.
    ///
    /// - Parameter closes: the connection ends after it.
    func head(closes: Bool) -> Data {
        var lines = ["HTTP/1.1 \(status.rawValue) \(status.phrase)"]
        lines += headers.map { "\($0.name): \($0.value)" }
        if case .bytes(let data) = body { lines.append("Content-Length: \(data.count)") }
        if closes { lines.append("Connection: close") }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

package enum HTTPStatus: Int, Sendable {
    case ok = 200
    case seeOther = 303
    case notModified = 304
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case contentTooLarge = 413
    case misdirected = 421
    case tooManyRequests = 429
    case headTooLarge = 431
    case failed = 500
    case unavailable = 503

    var phrase: String {
        switch self {
        case .ok: "OK"
        case .seeOther: "See Other"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .contentTooLarge: "Content Too Large"
        case .misdirected: "Misdirected Request"
        case .tooManyRequests: "Too Many Requests"
        case .headTooLarge: "Request Header Fields Too Large"
        case .failed: "Internal Server Error"
        case .unavailable: "Service Unavailable"
        }
    }
}
