import Foundation
import Testing

@testable import Plotting

struct AxisTests {
    @Test(arguments: [
        (0.0...1.0, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0...100, 11, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
        (0...120, 10, [0, 20, 40, 60, 80, 100, 120]),
        (-0.31...0.29, 4, [-0.2, 0, 0.2]),
        (0.1...0.3, 3, [0.1, 0.2, 0.3]),
        (995...1_012, 5, [995, 1_000, 1_005, 1_010]),
        (3e-7...9e-7, 4, [4e-7, 6e-7, 8e-7]),
        (-5e12...5e12, 3, [-5e12, 0, 5e12]),
    ])
    func `Ticks are 1, 2 or 5 times a power of ten, no more than fit`(
        range: ClosedRange<Double>, count: Int, values: [Double]
    ) {
        #expect(Ticks.linear(range, atMost: count).values == values)
    }

    @Test(arguments: [-1e300...1e300, 0...1e-280, 1...(1 + 2e-9), -1e9...(-1e9 + 3)])
    func `Ticks of any axis are finite, few and within it`(range: ClosedRange<Double>) {
        let (values, step) = Ticks.linear(range, atMost: 6)
        #expect((1...6).contains(values.count))
        let slack = step.value * 1e-6
        #expect(
            values.allSatisfy {
                $0 >= range.lowerBound - slack && $0 <= range.upperBound + slack
            })
    }

    @Test func `Whole numbers have whole ticks`() {
        #expect(Ticks.linear(0...2, atMost: 8, whole: true).values == [0, 1, 2])
    }

    @Test(arguments: [
        (1e-4...1.0, 6, [1e-4, 1e-3, 1e-2, 0.1, 1.0]),
        (4...64, 5, [5, 10, 20, 50]),
        (1e-12...1.0, 5, [1e-12, 1e-9, 1e-6, 1e-3, 1]),
        (20...30, 6, [20, 22, 24, 26, 28, 30]),
    ])
    func `A log axis has ticks at decades, and between them when there are few`(
        range: ClosedRange<Double>, count: Int, values: [Double]
    ) {
        let major = Ticks.logarithmic(range, atMost: count).major
        #expect(major.count == values.count)
        #expect(zip(major, values).allSatisfy { abs($0 / $1 - 1) < 1e-12 })
    }

    @Test func `Minor ticks of a log axis are at the multiples within a decade`() {
        let minor = Ticks.logarithmic(1...1_000, atMost: 5).minor
        #expect(minor.count == 28)
        #expect(minor[..<4] == [1, 2, 3, 4])
        #expect(Ticks.logarithmic(1e-12...1, atMost: 5).minor.count == 13)
    }

    @Test func `On a log axis equal factors are equally far`() {
        let axis = Axis.logarithmic(-4...0)
        let ticks = axis.ticks(atMost: 5).major
        #expect(ticks.map(\.place) == [0, 0.25, 0.5, 0.75, 1])
        #expect(
            ticks.map(\.label.exponent) == [
                "\u{2212}4", "\u{2212}3", "\u{2212}2", "\u{2212}1", "0",
            ])
        #expect(axis.place(of: log10(1e-3)) == 0.25)
    }

    @Test(arguments: [
        ([0, 0.5, 1.0], -1, ["0.0", "0.5", "1.0"]),
        ([0, 20_000, 40_000], 4, ["0", "20\u{202F}000", "40\u{202F}000"]),
        ([-0.02, 0, 0.02], -2, ["\u{2212}0.02", "0.00", "0.02"]),
        ([1_000_000], 6, ["1\u{202F}000\u{202F}000"]),
        ([0, 1e7, 2e7], 7, ["0", "1×10^7", "2×10^7"]),
        ([4e-7, 6e-7], -7, ["4×10^\u{2212}7", "6×10^\u{2212}7"]),
    ])
    func `Numbers are grouped, have equal decimals, and powers of ten when they are long`(
        values: [Double], exponent: Int, texts: [String]
    ) {
        let digit = values.count > 1 ? Int((values[1] - values[0]) / pow(10, Double(exponent))) : 1
        let labels = TickLabel.linear(
            values, step: Ticks.Step(digit: max(digit, 1), exponent: exponent))
        #expect(labels.map { $0.text + ($0.exponent.map { "^" + $0 } ?? "") } == texts)
    }

    @Test func `Short log labels are plain numbers`() {
        #expect(
            TickLabel.logarithmic([0.001, 1, 10_000]).map(\.text) == [
                "0.001", "1", "10\u{202F}000",
            ])
    }

    @Test func `A few extreme values do not press the others into a line`() {
        let usual = (0..<100).map { Double($0) / 100 }
        let range = AxisRange.covering(usual + [1e9, -4e5])
        #expect(range.lowerBound > -0.1 && range.lowerBound < 0)
        #expect(range.upperBound > 0.99 && range.upperBound < 1.1)
        // An early phase that is worse, but not extreme, stays in the picture.
        #expect(AxisRange.covering(usual + [2.5]).contains(2.5))
        #expect(AxisRange.covering([0, 0.1, 0.2, 0.3, 0.4, 1e6]).upperBound < 1)
        #expect(AxisRange.covering([3, 1e6]).contains(1e6))
    }

    @Test(arguments: [[], [0], [5, 5, 5], [1e-300, 2e-300], [0, 0, 0, 0, 0, 0, 0, 1e9]])
    func `An axis is never empty`(values: [Double]) {
        let range = AxisRange.covering(values)
        #expect(range.upperBound > range.lowerBound)
        #expect(values.allSatisfy(range.contains))
    }

    @Test func `Of rows that do not fit every other one has its name`() {
        let axis = Axis.rows(["a", "b", "c", "d", "e"])
        #expect(axis.ticks(atMost: 5).major.map(\.label.text) == ["a", "b", "c", "d", "e"])
        #expect(axis.ticks(atMost: 3).major.map(\.label.text) == ["a", "c", "e"])
        #expect(axis.place(of: 2) == 0.5)
    }
}
