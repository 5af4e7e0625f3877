import Synchronization
import Testing

@testable import Metrics

@Suite(.timeLimit(.minutes(1))) struct ScrapedPageTests {
    /// Pages that count how often they were made, at a time that stands still.
    private final class Pages: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        private let made = Mutex(0)

        func pass(_ time: Duration) { passed.withLock { $0 += time } }

        var page: ScrapedPage {
            ScrapedPage(
                now: { self.start + self.passed.withLock { $0 } },
                {
                    let count = self.made.withLock { made in
                        made += 1
                        return made
                    }
                    var family = MetricFamily("made", .gauge, "Times.")
                    family.add(count)
                    return [family]
                })
        }
    }

    @Test func `A page is given out again until it is too old`() async {
        let pages = Pages()
        let page = pages.page
        let texts = await withTaskGroup(of: String.self) { group in
            for _ in 1...100 { group.addTask { await page.text } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(texts.count == 1)
        #expect(texts.first?.hasSuffix("made 1\n") == true)
        pages.pass(.milliseconds(249))
        #expect(await page.text.hasSuffix("made 1\n"))
        pages.pass(.milliseconds(1))
        #expect(await page.text.hasSuffix("made 2\n"))
    }
}
