import Testing

@testable import Coordinator

struct HistogramTests {
    @Test func `Values are counted in their classes, whose bounds belong to them`() {
        var histogram = Histogram(upTo: [1, 2, 4])
        for value in [0, 1, 1.5, 2, 2.1, 4, 4.5, 100] { histogram.observe(value) }
        #expect(histogram.counts == [2, 2, 2, 2])
        #expect(histogram.sum == 115.1)
    }
}
