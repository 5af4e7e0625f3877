import Evolution
import Testing

@testable import Coordinator
@testable import Simulation

struct CheckpointHoldersTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `A checkpoint is held as long as any population holds it`(seed: UInt64) {
        var draws = SeededGenerator(seed: seed)
        var holders = CheckpointHolders()
        var held: [Set<Int>] = Array(repeating: [], count: 4)
        for _ in 0..<500 {
            let address = Int.random(in: 0..<4, using: &draws)
            let population = Int.random(in: 0..<3, using: &draws)
            if draws.chance(0.5) {
                held[address].insert(population)
                holders.add(Checkpoints.Address("\(address)"), of: population)
            } else {
                held[address].remove(population)
                holders.remove(Checkpoints.Address("\(address)"), of: population)
            }
            for address in held.indices {
                #expect(
                    holders.isHeld(Checkpoints.Address("\(address)")) == !held[address].isEmpty)
            }
        }
    }

    @Test func `What another population holds is not released, nor told`() throws {
        var desk = try Desk()
        try desk.create("p", members: 1)
        let first = try desk.join("p").lease.token
        _ = try desk.report(first, step: 10, score: 1, checkpoint: "/c/shared")
        // From here on there are several.
        try desk.create("q", members: 1)
        let second = try desk.join("q").lease.token
        _ = try desk.report(second, step: 10, score: 1, checkpoint: "/c/shared")
        for step in [20, 30, 40] {
            // The best of each is the last.
            _ = try desk.report(first, step: step, score: Double(step), checkpoint: "/p/\(step)")
        }
        #expect(try desk.journal?.releases().map(\.checkpoint) == ["/p/20"])
        for step in [20, 30, 40] {
            _ = try desk.report(second, step: step, score: Double(step), checkpoint: "/q/\(step)")
        }
        #expect(
            try desk.journal?.releases().map(\.checkpoint) == ["/p/20", "/c/shared", "/q/20"])
        try desk.restart()
        #expect(desk.core.isHeld("/p/40") && desk.core.isHeld("/q/30"))
        #expect(!desk.core.isHeld("/c/shared"))
    }
}
