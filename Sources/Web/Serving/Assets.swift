import Foundation
import HTTP

/// The page's files, which are in the program itself.
struct Assets: Sendable {
    struct File: Sendable {
        var data: Data
        var type: String
        /// What names this content.
        var tag: String
    }

    private let files: [String: File]

    init() {
        files = Dictionary(
            uniqueKeysWithValues: PageFiles.all.map { name, bytes in
                let data = Data(bytes)
                return (name, File(data: data, type: Self.type(of: name), tag: Self.tag(of: data)))
            })
    }

    var names: [String] { files.keys.sorted() }

    func response(to request: HTTPRequest, name: String) throws -> HTTPResponse {
        guard let file = files[name] else {
            throw Refusal(.notFound, "There is no such file; the page is at /.")
        }
        let headers = Headers.plain(file.type, cache: "no-cache") + [("ETag", file.tag)]
        if request["if-none-match"] == file.tag {
            return HTTPResponse(.notModified, headers: headers)
        }
        return HTTPResponse(headers: headers, body: .bytes(file.data))
    }

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a: it tells versions of a file apart, and keeps nobody from making one.
    private static func tag(of data: Data) -> String {
        let hash = data.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
        }
        return "\"\(String(hash, radix: 16))-\(data.count)\""
    }
}
