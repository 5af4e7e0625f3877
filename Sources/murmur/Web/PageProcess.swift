import Foundation
import Histories
import Subprocess

/// `murmur web` in a process of its own, which ends with this one however that ends.
enum PageProcess {
    /// Starts it for a coordinator's data directory, waits until it serves, and says where.
    static func start(data: String) async throws {
        // The other end of its input stays open for as long as this process.
        let (stdin, _) = try makePipe()
        let (said, stdout) = try makePipe()
        let murmur = try Crew.holder
        var options = PlatformOptions()
        // Ctrl-C is meant for this process; the page shows how it ends.
        options.processGroupID = 0
        let platform = options
        Task {
            // How it ends is seen by its line, which does not come then.
            _ = try? await Subprocess.run(
                .path(.init(murmur)),
                arguments: .init(["web", "--data", data, "--held"]),
                platformOptions: platform,
                input: .fileDescriptor(.init(rawValue: stdin), closeAfterSpawningProcess: true),
                output: .fileDescriptor(.init(rawValue: stdout), closeAfterSpawningProcess: true),
                error: .currentStandardError)
        }
        guard let address = await firstLine(of: said) else {
            throw Failure(
                """
                The page did not start, for the reason that murmur web gives above; leave --web out, \
                or start murmur web by hand.
                """)
        }
        OutputFile.say("In a browser: \(address)")
    }

    /// - Returns: the end that is read, and the one that is written.
    private static func makePipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Failure(
                """
                The page cannot be started, because this process has too many open files; raise the \
                limit (ulimit -n), or leave --web out.
                """)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// - Returns: `nil` when it ends without one.
    private static func firstLine(of descriptor: Int32) async -> String? {
        await withCheckedContinuation { continuation in
            // A thread of its own, since reading blocks.
            Thread.detachNewThread {
                var bytes: [UInt8] = []
                var byte: UInt8 = 0
                while bytes.count < longestLine {
                    let count = read(descriptor, &byte, 1)
                    if count < 0, errno == EINTR { continue }
                    guard count == 1, byte != UInt8(ascii: "\n") else { break }
                    bytes.append(byte)
                }
                close(descriptor)
                continuation.resume(
                    returning: byte == UInt8(ascii: "\n")
                        ? String(decoding: bytes, as: UTF8.self) : nil)
            }
        }
    }

    private static let longestLine = 4096
}
