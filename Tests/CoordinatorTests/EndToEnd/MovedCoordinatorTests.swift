import Coordinator
import Foundation
import Logging
import Murmuration
import TestSupport
import Testing

/// A coordinator that comes back at another port, and who finds it by its address's file.
@Suite(.timeLimit(.minutes(5))) struct MovedCoordinatorTests {
    private func serve(in directory: TemporaryDirectory) async throws -> Coordinator {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = Coordinator.Configuration(
            data: directory.path, secret: "the-secret-that-the-server-has", logger: logger)
        configuration.port = 0
        configuration.broadcastPort = 0
        let coordinator = try Coordinator(configuration)
        try await coordinator.start()
        return coordinator
    }

    @Test func `A worker trains on, a monitor goes on, and an administrator asks on`() async throws
    {
        let directory = try TemporaryDirectory()
        let url = "file:\(directory.path)/url"
        var coordinator = try await serve(in: directory)
        let administrator = try Administrator(url: url, patience: .seconds(3600))
        try await administrator.createPopulation(
            "p", space: "name,min,max,scale\nrate,0.001,1,log\n",
            settings: ["population_size": 1, "interval": 1])
        let worker = try await Worker.join(
            url: url, population: "p", patience: .seconds(3600))
        var boards = try Monitor(url: url, population: "p", patience: .seconds(3600))
            .makeAsyncIterator()
        #expect(try await boards.next()?.epoch == 1)
        for step in 1...3 {
            let former = coordinator.url
            await coordinator.shutDown()
            coordinator = try await serve(in: directory)
            #expect(coordinator.url != former)
            let directive = try await worker.report(
                step: step, score: Double(step), checkpoint: "/c/\(step)")
            #expect(directive.action == .continue)
            while try #require(try await boards.next()).entries.first?.score != Double(step) {}
            #expect(try await administrator.population("p").reports == step)
        }
        try await worker.leave()
        await administrator.close()
        await coordinator.shutDown()
    }
}
