import Coordinator
import Messages
import Murmuration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SecretTests {
    @Test(arguments: [nil, "another-secret-of-enough-length"])
    func `Without the secret, a client gets nowhere and is told why`(secret: String?) async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await Coordinator.serving(
            in: directory, secret: "the-secret-that-the-server-has")
        var address = try Address(try #require(coordinator.url))
        address.credential = secret.map { .secret($0) }
        let text = address.text
        let error = await #expect(throws: MurmurationError.self) {
            _ = try await Worker.join(url: text, patience: .seconds(20))
        }
        #expect(error?.description.contains("secret") == true, "\(String(describing: error))")
        await coordinator.shutDown()
    }
}
