import Foundation
import TestSupport
import Testing

@testable import Histories
@testable import murmur

struct OptionTests {
    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("10m", .seconds(600)), ("2h", .seconds(7_200)),
        ("1d", .seconds(86_400)), ("1h30m", .seconds(5_400)), ("0.5s", .milliseconds(500)),
    ])
    func `A length of time is a number and a unit`(text: String, duration: Duration) throws {
        #expect(try Duration(text: text) == duration)
    }

    @Test(arguments: [
        "", "10", "m", "-5s", "5 s", "1m1h", "5s5s", "1.2.3s", "ten", "0s", "99999d", "1e9d",
        "nans", "infs",
    ])
    func `Anything else is refused with an example`(text: String) {
        #expect(throws: Failure.self) { try Duration(text: text) }
    }

    @Test func `No time at all is refused without a word of what leaving it out would mean`() {
        #expect(throws: Failure("'0d' is no time at all; write a longer one, such as 30s.")) {
            try Duration(text: "0d")
        }
    }

    @Test(arguments: [
        (Duration.milliseconds(500), "0.5 s"), (.seconds(42), "42 s"), (.seconds(185), "3 m 05 s"),
        (.seconds(7_620), "2 h 07 m"), (.seconds(273_600), "3 d 04 h"), (.zero, "0 s"),
        (.milliseconds(59_600), "1 m 00 s"),
    ])
    func `Times are written with two units at most`(duration: Duration, text: String) {
        #expect(duration.shortText == text)
    }

    @Test func `Workers share the GPUs in turn`() throws {
        #expect(try (0..<4).map(GPUs("0,2,3", visible: nil).device) == ["0", "2", "3", "0"])
        #expect(try (0..<3).map(GPUs("2", visible: nil).device) == ["0", "1", "0"])
        #expect(try GPUs("2,", visible: nil).devices == ["2"])
        #expect(try GPUs("GPU-8932f937", visible: nil).devices == ["GPU-8932f937"])
    }

    @Test func `More GPUs than there can be are refused`() {
        #expect(throws: Failure.self) { try GPUs("\(Int.max)", visible: nil) }
        #expect(throws: Failure.self) { try GPUs("1025", visible: nil) }
    }

    @Test func `A number of GPUs counts within those that are visible`() throws {
        #expect(try GPUs("2", visible: "4,5,6").devices == ["4", "5"])
        #expect(throws: Failure.self) { try GPUs("4", visible: "4,5,6") }
        #expect(try GPUs("0,1", visible: "4,5").devices == ["0", "1"])
    }

    @Test(arguments: ["", ",", "0", "-1", "1,,2", "1,1", "a b"])
    func `A list of GPUs that makes no sense is refused`(text: String) {
        #expect(throws: Failure.self) { try GPUs(text, visible: nil) }
    }

    @Test func `A command is found on PATH, or told to be missing`() throws {
        #expect(
            try WorkerCommand(["sh", "-c", ":"], searchPath: "/nowhere:/bin").path == "/bin/sh")
        #expect(
            throws: Failure(
                "The command no-such-command is not on PATH; check its name or install it.")
        ) { try WorkerCommand(["no-such-command"]) }
        #expect(
            throws: Failure("There is no file ./no/such to run; check the path of the command.")
        ) {
            try WorkerCommand(["./no/such"])
        }
        #expect(throws: Failure("/tmp is a directory and cannot be run; name a program in it.")) {
            try WorkerCommand(["/tmp"])
        }
        let directory = try TemporaryDirectory()
        let file = directory.path + "/train.py"
        try Data().write(to: URL(filePath: file))
        #expect(
            throws: Failure(
                "The file \(file) is not executable; make it so (chmod +x) or put its "
                    + "interpreter before it.")
        ) { try WorkerCommand([file]) }
        #expect(throws: Failure.self) { try WorkerCommand([]) }
    }
}
