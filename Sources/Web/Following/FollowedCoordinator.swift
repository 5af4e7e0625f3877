import Foundation
import HTTP
import Histories
import Murmuration

/// The page's coordinator with all its populations, followed for as long as the page is served.
package actor FollowedCoordinator {
    private let source: any Source
    private let version: String
    private var opened: OpenSource?
    private var url: String?
    private var data: String?
    private var isLive = false
    /// When it became what it is.
    private var since = Date()
    private var problem: String?
    private var epoch: UInt64?
    /// By name.
    private var populations: [String: FollowedPopulation] = [:]
    private var listed: [Population] = []
    nonisolated let changes = Changes()

    private static let pause = Duration.seconds(1)
    /// Between two looks at which populations there are.
    private static let listing = Duration.seconds(2)
    /// More populations are not followed.
    private static let mostPopulations = 64

    package init(_ source: any Source, version: String) {
        self.source = source
        self.version = version
    }

    /// Follows it until the task is cancelled. What goes wrong is shown, and tried again.
    package func run() async throws {
        while true {
            do {
                let opened = try await source.open()
                begin(opened)
                defer { self.opened = nil }
                do {
                    try await follow(opened)
                } catch {
                    await opened.close()
                    throw error
                }
                await opened.close()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                fail(error)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func begin(_ opened: OpenSource) {
        self.opened = opened
        url = opened.url
        data = opened.data
    }

    private func succeed() {
        let isLive = opened?.isLive ?? false
        guard problem != nil || self.isLive != isLive else { return }
        problem = nil
        self.isLive = isLive
        since = Date()
        changes.tell()
    }

    private func fail(_ error: any Error) {
        let sentence = Terminal.escaped("\(error)")
        guard problem != sentence || isLive else { return }
        if isLive || problem == nil { since = Date() }
        problem = sentence
        isLive = false
        changes.tell()
    }

    private func follow(_ opened: OpenSource) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var following: Set<String> = []
            while true {
                let all = try await opened.questions()
                    .populations(most: Self.mostPopulations)
                take(all)
                for population in all.prefix(Self.mostPopulations)
                where following.insert(population.name).inserted {
                    let followed = followed(population)
                    group.addTask { try await followed.follow(opened) }
                }
                succeed()
                if !opened.isLive {
                    // Nothing happens in it, unless its coordinator begins again.
                    try await group.waitForAll()
                    while !opened.isOver() { try await Task.sleep(for: Self.pause) }
                    return
                }
                // A population that cannot be followed any more ends all, to begin again.
                group.addTask { try await Task.sleep(for: Self.listing) }
                try await group.next()
            }
        }
    }

    private func take(_ all: [Population]) {
        let isNew = all.map(\.name) != listed.map(\.name)
        listed = all
        if isNew { changes.tell() }
        let names = Set(all.map(\.name))
        populations = populations.filter { names.contains($0.key) }
    }

    private func followed(_ population: Population) -> FollowedPopulation {
        if let followed = populations[population.name] { return followed }
        let followed = FollowedPopulation(population)
        populations[population.name] = followed
        return followed
    }

    // MARK: - For answers

    /// - Throws: ``Refusal`` when there is none.
    func population(_ name: String) throws -> FollowedPopulation {
        guard let population = populations[name] else {
            throw Refusal(
                .notFound,
                """
                There is no population '\(Terminal.escaped(name))' here; api/state lists those \
                there are.
                """)
        }
        return population
    }

    /// - Throws: ``Refusal`` while nobody can be asked.
    func opening() throws -> OpenSource {
        guard let opened else {
            throw Refusal(
                .unavailable, problem ?? "The coordinator was not reached yet; try again.")
        }
        return opened
    }

    func state() async -> CoordinatorState {
        var state = CoordinatorState(
            coordinator: coordinator, populations: [])
        for population in listed {
            var item = CoordinatorState.Item(population: population)
            if let followed = populations[population.name] {
                (item.committed, item.isLoading) = await followed.progress
                state.coordinator.epoch = await followed.epoch ?? state.coordinator.epoch
            }
            state.populations.append(item)
        }
        return state
    }

    var figures: Figures {
        get async {
            var figures = Figures(isLive: isLive, populations: [])
            for population in listed {
                guard let known = await populations[population.name]?.figures else { continue }
                figures.populations.append(known)
            }
            return figures
        }
    }

    var coordinator: CoordinatorState.Coordinator {
        CoordinatorState.Coordinator(
            url: url, data: data, version: version, live: isLive, since: TimeText.text(since),
            problem: problem)
    }
}

/// What is wrong with a request: a status, and a sentence.
struct Refusal: Error {
    var status: HTTPStatus
    var sentence: String

    init(_ status: HTTPStatus, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }
}
