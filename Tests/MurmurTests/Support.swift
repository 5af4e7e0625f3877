import Foundation
import Testing

@testable import murmur

/// The executable that was built with the tests.
func murmur() throws -> String {
    let candidates =
        Bundle.allBundles.map(\.bundlePath) + [CommandLine.arguments[0], Bundle.main.bundlePath]
    var directories = candidates.map { URL(filePath: $0).deletingLastPathComponent() }
    directories.append(Bundle.main.bundleURL)
    let paths = directories.map { $0.appending(path: "murmur").path }
    return try #require(
        paths.first { FileManager.default.isExecutableFile(atPath: $0) },
        "murmur lies beside the tests: \(paths)")
}

/// A directory that goes when the test is over.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "murmur-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// What processes write into a FIFO. The lines end when nobody holds it open any more.
struct Fifo {
    let path: String
    let lines: AsyncStream<String>

    init(in directory: TemporaryDirectory) throws {
        let path = directory.path + "/fifo"
        self.path = path
        try #require(mkfifo(path, 0o600) == 0)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        // Opening waits for a writer, so it needs a thread of its own.
        Thread.detachNewThread {
            _ = directory
            guard let file = fopen(path, "r") else { return continuation.finish() }
            var line = ""
            while case let byte = fgetc(file), byte != EOF {
                if byte == 10 {
                    continuation.yield(line)
                    line = ""
                } else {
                    line.unicodeScalars.append(Unicode.Scalar(UInt8(byte)))
                }
            }
            fclose(file)
            continuation.finish()
        }
    }

    func toEnd() async -> [String] {
        await lines.reduce(into: []) { $0.append($1) }
    }
}
