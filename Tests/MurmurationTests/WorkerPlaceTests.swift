import Foundation
import Messages
import Synchronization
import TestSupport
import Testing

@testable import Murmuration

struct WorkerPlaceTests {
    private static let step = ["SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3"]
    private static let array = [
        "SLURM_JOB_ID": "4714", "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "2",
    ]

    @Test(
        arguments: [
            ([:], nil),
            (["MURMUR_PLACE": ""], nil),
            (["MURMUR_PLACE": "rack 3", "SLURM_JOB_ID": "4711"], "rack 3"),
            (["SLURM_JOB_ID": "4711"], "slurm/4711"),
            // All that a batch script starts has the script's rank.
            (["SLURM_JOB_ID": "4711", "SLURM_PROCID": "0"], "slurm/4711"),
            (step, "slurm/4711/0/3"),
            (array, "slurm/4711_2"),
            (array.merging(["SLURM_CLUSTER_NAME": "east"]) { $1 }, "slurm/east/4711_2"),
            // Of an indexed Job it would be, were there a namespace.
            (["JOB_COMPLETION_INDEX": "3", "HOSTNAME": "train-3"], nil),
            (["PBS_JOBID": "17"], nil),
        ] as [([String: String], String?)])
    func `A task's place is what stays the same when it is started again`(
        variables: [String: String], place: String?
    ) {
        #expect(TaskPlace(variables: variables).text == place)
    }

    @Test func `The environment's place belongs to one worker at a time`() throws {
        let variables = ["MURMUR_PLACE": UUID().uuidString]
        let first = try WorkerPlace.choose(from: variables)
        #expect(first.name == variables["MURMUR_PLACE"])
        #expect(try WorkerPlace.choose(from: variables).name.isEmpty)
        first.giveUp()
        first.giveUp()
        let second = try WorkerPlace.choose(from: variables)
        #expect(second.name == first.name)
        // One that is given is whose user says so.
        #expect(try WorkerPlace.choose(second.name, from: variables).name == second.name)
        #expect(try WorkerPlace.choose("", from: variables).name.isEmpty)
    }

    @Test func `Each rank of a job that joins has a place of its own`() throws {
        let name = UUID().uuidString
        let variables = [
            "MURMUR_PLACE": name, "RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost",
        ]
        #expect(try WorkerPlace.choose(ranks: .each, from: variables).name == "\(name)/1")
        #expect(try WorkerPlace.choose(ranks: .first, from: variables).name == name)
    }

    /// The Python client locks the same byte.
    @Test func `A name has its byte`() {
        #expect(PlaceClaims.offset("") == 0x32fc_a739_2108_88c9)
        #expect(PlaceClaims.offset("slurm/4711_2") == 0x185b_d22b_84eb_db31)
    }

    @Test func `A place that is too long, or holds a zero byte, is refused`() {
        #expect(throws: MurmurationError.self) {
            try WorkerPlace.choose(String(repeating: "x", count: Limits.placeBytes + 1))
        }
        #expect(throws: MurmurationError.self) { try WorkerPlace.choose("a\0") }
    }

    @Test func `Whoever is shut out by its place's next worker is told so`() async throws {
        let sentence = "A newer worker has taken over."
        try await ScriptedCoordinator.with { request, memory in
            switch request.body {
            case .join(let join):
                join.former == 0 ? .lease(5) : .error(WireError(.conflict, sentence))
            case .report: .refusal(.leaseLapsed)
            case .leave: .refusal(.leaseLapsed)
            default: nil
            }
        } _: { coordinator in
            let address = try #require(coordinator.address.withLock { $0 })
            let joining = Joining(
                population: "digits", worker: "w", space: "", place: try .choose("a"))
            let worker = try await Worker.join(
                at: address, by: joining, timing: WorkerTests.calm)
            for _ in 0..<2 {
                await #expect(throws: MurmurationError.conflict(sentence)) {
                    try await worker.report(step: 10, score: 1, checkpoint: "x")
                }
            }
            try await worker.leave()
            #expect(coordinator.joins.allSatisfy { $0.place == "a" })
            #expect(coordinator.joins.map(\.former) == [0, 5, 5])
        }
    }
}
