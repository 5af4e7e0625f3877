import ArgumentParser
import Testing

@testable import murmur

@Suite struct WorkerOptionsTests {
    @Test(arguments: [
        ("/shared/digits/", "/shared/digits"),
        ("/shared/../digits", "/digits"),
        ("s3://bucket/run", "s3://bucket/run"),
        ("gs+v2://bucket/a/../run", "gs+v2://bucket/a/../run"),
    ])
    func `a path becomes absolute and an address stays as it is`(
        given: String, passed: String
    ) throws {
        let options = try WorkerOptions.parse(["--checkpoints", given, "--", "train"])
        #expect(options.checkpointsPath(environment: [:]) == passed)
        let inherited = try WorkerOptions.parse(["--", "train"])
        #expect(inherited.checkpointsPath(environment: ["MURMUR_CHECKPOINTS": given]) == passed)
    }

    @Test func `a colon makes no address`() throws {
        let options = try WorkerOptions.parse(["--checkpoints", "/shared/10:30//x", "--", "train"])
        #expect(options.checkpointsPath(environment: [:]) == "/shared/10:30/x")
    }
}
