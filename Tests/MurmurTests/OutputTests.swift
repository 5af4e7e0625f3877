import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import murmur

struct OutputTests {
    @Test func `What is written is there, all of it`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/out"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        let text = String(repeating: "é", count: 100_000)
        #expect(OutputFile.write(text, to: file) == nil)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func `A full disk is told`() throws {
        let file = open("/dev/full", O_WRONLY)
        defer { close(file) }
        #expect(OutputFile.write("text", to: file) == .full)
    }

    @Test func `A file that cannot be written is told, with the reason`() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let failure = try #require(OutputFile.write("text", to: file))
        #expect(failure == .other(reason: String(cString: strerror(EBADF))))
        #expect(Murmur.message(for: failure.error()).contains("Standard output cannot be written"))
        #expect(Murmur.exitCode(for: failure.error()) == .failure)
    }

    @Test func `A pipe that nobody reads ends a command without a word, as its signal would`() {
        let error = OutputFailure(EPIPE).error()
        #expect(Murmur.exitCode(for: error) == ExitCode(128 + SIGPIPE))
        #expect(Murmur.fullMessage(for: error) == "")
    }

    @Test(arguments: [ENOSPC, EDQUOT])
    func `No room is one sentence and a failure`(code: Int32) {
        let error = OutputFailure(code).error()
        #expect(Murmur.exitCode(for: error) == .failure)
        #expect(
            Murmur.message(for: error) == """
                The disk of standard output is full, and not all was written; free some space, and \
                do it again.
                """)
    }

    @Test func `What was done is not to be done again because nobody could be told`() {
        let deed = "The population p has 1 member more, 11 in all."
        let error = OutputFailure(ENOSPC).error(after: [deed])
        #expect(Murmur.exitCode(for: error) == .failure)
        #expect(
            Murmur.message(for: error) == """
                The disk of standard output is full, but the command has done its work, so do not \
                give it again: \(deed)
                """)
    }
}
