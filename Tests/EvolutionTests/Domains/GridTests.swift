import Testing

@testable import Evolution

struct GridTests {
    @Test("Decimals are those that somebody would write")
    func decimals() {
        let tenths = Grid(0.1...1, step: 0.1)
        let written = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
        #expect((0...tenths.last).map { tenths[$0] } == written)
        let small = Grid(1e-5...3e-5, step: 1e-5)
        #expect((0...small.last).map { small[$0] } == [1e-5, 2e-5, 3e-5])
        let offset = Grid(-0.25...0.5, step: 0.25)
        #expect((0...offset.last).map { offset[$0] } == [-0.25, 0, 0.25, 0.5])
    }

    @Test("A step that is no decimal leads from one bound to the other")
    func real() {
        let thirds = Grid(0.0...2, step: 1.0 / 3)
        #expect(thirds.last == 6)
        #expect(thirds[0] == 0)
        #expect(abs(thirds[6] - 2) < 1e-12)
        #expect(Grid.fault(of: 1.0 / 3, in: 0...2) == nil)
    }

    @Test("A number belongs to the nearest, and one outside to the outermost")
    func near() {
        let grid = Grid(0.0...1, step: 0.25)
        let near: [(Double, Int64)] = [
            (0.1, 0), (0.13, 1), (0.5, 2), (0.62, 2), (0.63, 3), (-9, 0), (9, 4), (.infinity, 4),
        ]
        for (number, index) in near { #expect(grid.index(near: number) == index, "\(number)") }
        let upTo: [(Double, Int64)] = [(0, 0), (0.24, 0), (0.25, 1), (0.99, 3), (1, 4), (-1, 0)]
        for (number, index) in upTo { #expect(grid.index(upTo: number) == index, "\(number)") }
        #expect(grid.number(meant: 0.25.nextUp) == 0.25)
        #expect(grid.number(meant: 0.26) == nil)
    }

    @Test("Each of a range's numbers has its own index", arguments: [1, 2, 3, 7] as [Int64])
    func integers(step: Int64) {
        let grid = Grid(-21...21, step: step)
        #expect(grid.last == 42 / step)
        for index in 0...grid.last {
            #expect(grid[index] == Double(-21 + index * step))
            #expect(grid.index(near: grid[index]) == index)
            #expect(grid.index(upTo: grid[index]) == index)
        }
    }

    @Test("The largest integers are told from each other")
    func largest() {
        let limit = Domain.integerLimit
        let grid = Grid(-limit...limit, step: 1)
        #expect(grid.last == 2 * limit)
        for offset in 0..<3 as Range<Int64> {
            #expect(grid[grid.last - offset] == Double(limit - offset))
            #expect(grid.index(near: Double(limit - offset)) == grid.last - offset)
        }
    }

    @Test(
        "A step that does not lead from bound to bound is refused, with the last that it reaches",
        arguments: [
            (0.3, 0.0...1.0, "write 0.9, or"), (2, 0...5, "write 4, or"),
            (0.07, 0.1...0.5, "write 0.45, or"), (2, 0...1, "write a smaller step"),
            (0, 0...1, "above 0"), (-1, 0...1, "above 0"), (.nan, 0...1, "above 0"),
            (.infinity, 0...1, "above 0"), (1e-300, 0...1, "too small"),
            (1, -1e300...1e300, "too small"),
        ] as [(Double, ClosedRange<Double>, String)])
    func faults(step: Double, range: ClosedRange<Double>, words: String) throws {
        #expect(try #require(Grid.fault(of: step, in: range)).contains(words))
    }
}
