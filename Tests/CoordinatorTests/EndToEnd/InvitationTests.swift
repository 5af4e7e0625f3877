import Coordinator
import Foundation
import Logging
import Messages
import Murmuration
import TestSupport
import Testing

/// Who is invited, with real sockets and clients.
@Suite(.timeLimit(.minutes(5))) struct InvitationTests {
    private static let secret = "the-secret-that-the-server-has"

    private func serve(
        in directory: TemporaryDirectory, secret: String? = nil, port: Int = 0, invited: Int = 0
    ) async throws -> Coordinator {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = Coordinator.Configuration(
            data: directory.path, secret: secret, logger: logger)
        configuration.port = port
        configuration.broadcastPort = 0
        configuration.invitations = true
        configuration.invitationsPort = invited
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        return coordinator
    }

    /// An administrator of a coordinator with the populations p and q, of two members each.
    private func administrator(of coordinator: Coordinator) async throws -> Administrator {
        let administrator = try Administrator(
            url: coordinator.url, patience: .seconds(30))
        for name in ["p", "q"] {
            try await administrator.createPopulation(
                name, space: "name,min,max,scale\nrate,0.001,1,log\n",
                settings: ["population_size": 2, "interval": 1])
        }
        return administrator
    }

    @Test(arguments: [nil, secret])
    func `A worker and a monitor train and look by invitation`(secret: String?) async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await serve(in: directory, secret: secret)
        let administrator = try await administrator(of: coordinator)
        let work = try await administrator.invite(.worker, to: ["p"], label: "cluster")
        let look = try await administrator.invite(.monitor, to: ["p"])
        #expect(work.url.hasSuffix("/p"))
        let worker = try await Worker.join(url: work.url)
        #expect(worker.population == "p")
        var boards = try Monitor(url: look.url).makeAsyncIterator()
        #expect(try await boards.next()?.population == "p")
        _ = try await worker.report(step: 1, score: 42, checkpoint: "/c")
        while try #require(try await boards.next()).entries.first?.score != 42 {}
        let keys = try await administrator.keys()
        #expect(keys.first { $0.id == work.key.id }?.leases == 1)
        await administrator.close()
        await coordinator.shutDown()
    }

    @Test func `A key that is revoked in the middle ends its worker and its monitor`() async throws
    {
        let directory = try TemporaryDirectory()
        let coordinator = try await serve(in: directory)
        let administrator = try await administrator(of: coordinator)
        let (url, key) = try await administrator.invite(.worker, to: ["p"])
        let worker = try await Worker.join(url: url)
        var boards = try Monitor(url: url).makeAsyncIterator()
        #expect(try await boards.next() != nil)
        try await administrator.revokeKey(String(key.id.prefix(8)))
        let refusal = await #expect(throws: MurmurationError.self) {
            _ = try await worker.report(step: 1, score: 1, checkpoint: "/c")
        }
        #expect(refusal?.description.contains("revoked") == true, "\(String(describing: refusal))")
        let ended = await #expect(throws: MurmurationError.self) {
            while try await boards.next() != nil {}
        }
        #expect(ended?.description.contains("revoked") == true, "\(String(describing: ended))")
        // A new connection does not even get in.
        let barred = await #expect(throws: MurmurationError.self) {
            _ = try await Worker.join(url: url, patience: .seconds(30))
        }
        guard case .invitationRefused = barred else {
            Issue.record("\(String(describing: barred))")
            return
        }
        #expect(try await administrator.leaderboard("p").summary.reports == 0)
        await administrator.close()
        await coordinator.shutDown()
    }

    @Test func `An invitation outlives a restart, and another secret`() async throws {
        let directory = try TemporaryDirectory()
        let port = try Ports.free()
        var coordinator = try await serve(in: directory, secret: Self.secret, invited: port)
        let administrator = try await administrator(of: coordinator)
        let (url, _) = try await administrator.invite(.monitor, to: ["p"])
        await administrator.close()
        var boards = try Monitor(url: url).makeAsyncIterator()
        let before = try #require(try await boards.next())
        for secret in ["another-secret-of-enough-length", nil] {
            await coordinator.shutDown()
            coordinator = try await serve(in: directory, secret: secret, invited: port)
            while try #require(try await boards.next()).epoch == before.epoch {}
        }
        await coordinator.shutDown()
    }

    @Test func `The keys of one way in are none for the other`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await serve(in: directory, secret: Self.secret)
        let administrator = try await administrator(of: coordinator)
        let (url, _) = try await administrator.invite(.admin, to: nil)
        let shared = try Address(try #require(coordinator.url))
        let invited = try Address(url)
        var crossed = shared
        crossed.port = invited.port
        var back = invited
        back.port = shared.port
        for address in [crossed, back] {
            await #expect(throws: MurmurationError.self) {
                _ = try await Worker.join(url: address.text, patience: .seconds(20))
            }
        }
        await administrator.close()
        await coordinator.shutDown()
    }

    @Test func `A directory that once invited goes on without being told`() async throws {
        let directory = try TemporaryDirectory()
        let coordinator = try await serve(in: directory)
        await coordinator.shutDown()
        let second = try await Coordinator.serving(in: directory, secret: nil)
        let address = try Address(try #require(second.url))
        guard case .invitation = address.credential else {
            Issue.record("the coordinator lets in whoever comes")
            return
        }
        await second.shutDown()
    }
}
