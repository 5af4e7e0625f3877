import Foundation

/// The head of a request. One that has a body is refused: there is nothing here to send to.
package struct HTTPRequest: Sendable, Equatable {
    package var method: Method
    /// The parts of the path, decoded; the parts of `/` are none.
    package var path: [String]
    /// Decoded. Of a name that is there twice the last one counts.
    package var query: [String: String]
    /// By their names in lower case.
    private var headers: [String: String]
    /// The connection may be used again.
    package var keepsAlive: Bool

    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
    }

    /// Why a request is not looked at.
    package struct Refusal: Error, Equatable {
        package var status: HTTPStatus
        package var sentence: String

        package init(_ status: HTTPStatus, _ sentence: String) {
            self.status = status
            self.sentence = sentence
        }
    }

    package subscript(header: String) -> String? { headers[header.lowercased()] }

    /// - Parameter head: all lines, without the empty one that ends them.
    package init(head: some Sequence<UInt8>) throws(Refusal) {
        let malformed = Refusal(.badRequest, "The request is not one of HTTP/1.1.")
        guard let text = String(validating: Array(head), as: UTF8.self) else { throw malformed }
        var lines = text.replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)[...]
        let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1].hasPrefix("/"), words[2].hasPrefix("HTTP/1.") else {
            throw malformed
        }
        guard let method = Method(rawValue: String(words[0])) else {
            throw Refusal(
                .methodNotAllowed, "This page is read only: it answers GET and HEAD.")
        }
        self.method = method
        headers = try Self.headers(lines)
        if headers["transfer-encoding"] != nil
            || headers["content-length"].map({ $0 != "0" }) == true
        {
            throw Refusal(.contentTooLarge, "This page takes no content; send a plain GET.")
        }
        let target = words[1].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = try Self.path(target[0])
        query = try target.count > 1 ? Self.query(target[1]) : [:]
        let connection = headers["connection"]?.lowercased() ?? ""
        keepsAlive =
            words[2] == "HTTP/1.1" ? !connection.contains("close") : connection == "keep-alive"
    }

    private static func headers(_ lines: ArraySlice<Substring>) throws(Refusal) -> [String: String]
    {
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                line[..<colon].allSatisfy(isNameCharacter)
            else { throw Refusal(.badRequest, "A header of the request is not one of HTTP/1.1.") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            // Who reads the first and who reads the last must not be told two things.
            guard headers.updateValue(value, forKey: name) == nil || !single.contains(name) else {
                throw Refusal(.badRequest, "The request has two headers “\(name)”.")
            }
        }
        return headers
    }

    private static let single: Set = [
        "host", "origin", "cookie", "content-length", "transfer-encoding", "last-event-id",
    ]

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
    }

    private static func path(_ text: Substring) throws(Refusal) -> [String] {
        var parts: [String] = []
        for part in text.split(separator: "/") {
            guard let decoded = part.removingPercentEncoding, decoded != ".", decoded != "..",
                !decoded.contains("/"), !decoded.contains("\\"), !decoded.contains("\0")
            else { throw Refusal(.badRequest, "The path of the request names nothing here.") }
            parts.append(decoded)
        }
        return parts
    }

    private static func query(_ text: Substring) throws(Refusal) -> [String: String] {
        var query: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.replacing("+", with: " ")
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts[0].removingPercentEncoding,
                let value = parts.count > 1 ? parts[1].removingPercentEncoding : ""
            else { throw Refusal(.badRequest, "The query of the request is not encoded.") }
            query[name] = value
        }
        return query
    }
}
