import ArgumentParser
import Messages
import Testing

@testable import Histories
@testable import Murmuration
@testable import murmur

struct ErrorTests {
    @Test(arguments: [
        MurmurationError.noPopulation("There is no 'a\u{1b}[31mb'.") as any Error,
        Failure("There is no 'a\u{1b}[31mb'."),
    ])
    func `What went wrong cannot steer a terminal`(error: any Error) {
        let shown = Murmur.shown(error)
        #expect(Murmur.message(for: shown) == "There is no 'a\\u{1b}[31mb'.")
        #expect(Murmur.exitCode(for: shown) == .failure)
    }

    @Test func `A coordinator's sentence cannot steer a terminal, whoever prints it`() {
        let evil = "no\u{1B}[2J\n\u{202E}"
        for error in [
            MurmurationError(WireError(.invalid, evil)), .finished(reason: evil),
            .unknownHyperparameter(name: "a", known: [evil]),
        ] {
            for text in ["\(error)", String(reflecting: error), "\(WireError(.invalid, evil))"] {
                #expect(text.contains("no\\u{1b}[2J\\u{a}\\u{202e}"))
                #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
            }
        }
    }

    @Test func `A wrong usage, help and a silent end are left as they are`() throws {
        let usage = Murmur.shown(ValidationError("--limit 0 leaves no member; use 1 or more."))
        #expect(Murmur.exitCode(for: usage) == .validationFailure)
        #expect(Murmur.exitCode(for: Murmur.shown(CleanExit.helpRequest())) == .success)
        #expect(Murmur.shown(ExitCode(1)) as? ExitCode == ExitCode(1))
    }
}
