import Foundation
import Testing

@testable import Murmuration

@Suite(.timeLimit(.minutes(5)))
struct RanksTests {
    private static let rankOne = [
        "RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500",
    ]

    @Test func `A rank above 0 is refused, unless each is to be a worker`() throws {
        let error = #expect(throws: MurmurationError.rankOfJob(rank: 1, size: 2)) {
            try Ranks.first.admit(Self.rankOne)
        }
        #expect(error?.description.contains("RANK=1") == true)
        #expect(error?.description.contains("ranks: .each") == true)
        try Ranks.each.admit(Self.rankOne)
    }

    @Test(arguments: [
        [:], ["RANK": "0"], ["WORLD_SIZE": "1"], ["MASTER_ADDR": ""], ["RANK": "one"],
        ["WORLD_SIZE": ""],
    ])
    func `Rank 0, and who is in no such job, joins`(changes: [String: String]) throws {
        var variables = Self.rankOne
        for (name, value) in changes { variables[name] = value }
        if changes.isEmpty {
            // The tasks of srun and mpirun are as often workers of their own.
            variables = ["SLURM_PROCID": "1", "SLURM_NTASKS": "2", "OMPI_COMM_WORLD_RANK": "1"]
        }
        try Ranks.first.admit(variables)
    }

    @Test func `A worker and a client of such a rank say so before they look for anyone`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            for (name, value) in Self.rankOne { setenv(name, value, 1) }
            await #expect(throws: MurmurationError.rankOfJob(rank: 1, size: 2)) {
                _ = try await Worker.join(url: "murmur://127.0.0.1:1/digits")
            }
            await #expect(throws: MurmurationError.rankOfJob(rank: 1, size: 2)) {
                _ = try await PBTClient(
                    serverURL: "localhost", port: 1, authKey: "key", configPath: "/nowhere.csv")
            }
            await #expect(throws: MurmurationError.noSpaceFile(path: "/nowhere.csv")) {
                _ = try await PBTClient(
                    serverURL: "localhost", port: 1, authKey: "key", configPath: "/nowhere.csv",
                    ranks: .each)
            }
            exit(7)
        }
    }
}
