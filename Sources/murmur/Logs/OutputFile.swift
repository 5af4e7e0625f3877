import Foundation
import Histories

/// Unbuffered writing, so that what was said is there at once, in files and pipes too.
enum OutputFile {
    /// Writes all of it, or as much as can be. What standard output did not take is told when the
    /// command ends (``StandardOutput/check()``).
    ///
    /// - Returns: what kept some of it from being written.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32) -> OutputFailure? {
        let failure = put(text, to: descriptor)
        if let failure, descriptor == STDOUT_FILENO { StandardOutput.fail(failure) }
        return failure
    }

    private static func put(_ text: String, to descriptor: Int32) -> OutputFailure? {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                switch errno {
                case EINTR: continue
                case EAGAIN: waitForRoom(in: descriptor)
                case let code: return OutputFailure(code)
                }
            } else {
                bytes = bytes.dropFirst(count)
            }
        }
        return nil
    }

    /// Another program that has the terminal open may have made it one that does not wait.
    private static func waitForRoom(in descriptor: Int32) {
        var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&place, 1, -1)
    }

    /// Writes a line for people to standard output, without anything that could steer a terminal:
    /// what it tells may come from others.
    static func say(_ line: String) {
        exactly(Terminal.escaped(line))
    }

    /// Writes a line to standard output as it is: one that is drawn, or meant for a program.
    static func exactly(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    /// Writes a line for people to standard error, without anything that could steer a terminal.
    static func warn(_ line: String) {
        write(Terminal.escaped(line) + "\n", to: STDERR_FILENO)
    }
}
