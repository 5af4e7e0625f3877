import ArgumentParser
import Murmuration
import Testing

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

    @Test func `A wrong usage, help and a silent end are left as they are`() throws {
        let usage = Murmur.shown(ValidationError("--limit 0 leaves no member; use 1 or more."))
        #expect(Murmur.exitCode(for: usage) == .validationFailure)
        #expect(Murmur.exitCode(for: Murmur.shown(CleanExit.helpRequest())) == .success)
        #expect(Murmur.shown(ExitCode(1)) as? ExitCode == ExitCode(1))
    }
}
