/// The page that is scraped. However many ask, it is made a few times a second at most.
package actor ScrapedPage {
    /// How old a page may be that is given out again.
    static let mostAge = Duration.milliseconds(250)

    private let now: @Sendable () -> ContinuousClock.Instant
    private let make: @Sendable () async -> [MetricFamily]
    private var last: (time: ContinuousClock.Instant, page: Task<String, Never>)?

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        _ make: @escaping @Sendable () async -> [MetricFamily]
    ) {
        self.now = now
        self.make = make
    }

    var text: String {
        get async {
            let now = now()
            if let last, last.time.duration(to: now) < Self.mostAge { return await last.page.value }
            let page = Task { [make] in await make().map(\.text).joined() }
            last = (now, page)
            return await page.value
        }
    }
}
