import Foundation
import TestSupport
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

/// What processes write into a FIFO. The lines end when nobody holds it open any more.
struct Fifo {
    let path: String
    let lines: AsyncStream<String>

    init(in directory: TemporaryDirectory, name: String = "fifo") throws {
        let path = directory.path + "/" + name
        self.path = path
        try #require(mkfifo(path, 0o600) == 0)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        // Opening waits for a writer, so it needs a thread of its own.
        Thread.detachNewThread {
            _ = directory
            guard let file = fopen(path, "r") else { return continuation.finish() }
            var line: [UInt8] = []
            while case let byte = fgetc(file), byte != EOF {
                if byte == 10 {
                    continuation.yield(String(decoding: line, as: UTF8.self))
                    line = []
                } else {
                    line.append(UInt8(byte))
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
