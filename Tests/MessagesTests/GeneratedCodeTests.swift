import Foundation
import Testing

struct GeneratedCodeTests {
    @Test(
        "The generated code is what the wire's definition gives",
        .enabled(if: isThere("protoc"), "protoc is not installed"), .timeLimit(.minutes(10)))
    func isUpToDate() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../..").standardized
        let process = Process()
        process.executableURL = root.appending(path: "scripts/proto.sh")
        process.arguments = ["--check"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let text = String(
            decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }

    private static func isThere(_ command: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(command)")
        }
    }
}
