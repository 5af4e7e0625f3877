import Testing

@testable import Evolution

struct GaussianProcessTests {
    private typealias Point = GaussianProcess.Point
    private typealias Kernel = GaussianProcess.Kernel

    private static let points = [
        Point(time: 0, numbers: [0.5, 0.2]), Point(time: 0.5, numbers: [0.5, 0.4]),
        Point(time: 1, numbers: [0.1, 0.9]), Point(time: 0.25, numbers: [0.8, 0.3]),
        Point(time: 0.75, numbers: [0.3, 0.6]), Point(time: 1, numbers: [0.9, 0.1]),
    ]
    private static let values = [0.5, -1.2, 0.3, 1.7, -0.4, 0.1]

    @Test("The kernel is the one of Ray 2.60's PB2")
    func kernel() {
        let kernel = Kernel(variance: 1, length: 1, forgetting: 0.1, noise: 0)
        let known = [(0, 1, 0.935813), (0, 2, 0.495256), (1, 2, 0.646398)]
        for (one, other, value) in known {
            let covariance = kernel.covariance(Self.points[one], Self.points[other])
            #expect(abs(covariance - value) < 1e-6)
            #expect(covariance == kernel.covariance(Self.points[other], Self.points[one]))
        }
        #expect(kernel.covariance(Self.points[0], Self.points[0]) == 1)
    }

    @Test("Categories that differ are as far apart as the ends of a range")
    func categories() {
        let kernel = Kernel()
        func covariance(_ one: [Int], _ other: [Int], _ number: Double = 0) -> Double {
            kernel.covariance(
                Point(time: 0, numbers: [0], categories: one),
                Point(time: 0, numbers: [number], categories: other))
        }
        #expect(covariance([0, 1], [0, 1]) == 1)
        #expect(covariance([0, 1], [2, 1]) == covariance([0, 1], [0, 1], 1))
        #expect(covariance([0, 1], [2, 3]) < covariance([0, 1], [2, 1]))
    }

    struct Known: Sendable {
        var kernel: GaussianProcess.Kernel
        var logLikelihood: Double
        /// At each of the four points.
        var posteriors: [(mean: Double, deviation: Double)]
    }

    /// As scikit-learn 1.9.1 has them: `GaussianProcessRegressor` with a product of its constant, RBF and
    /// Matern kernels, whose lengths are √(ℓ/2) for the numbers and −2/ln(1 − ε) for the time.
    private static let known = [
        Known(
            kernel: Kernel(variance: 1, length: 1, forgetting: 0.1, noise: 0.1),
            logLikelihood: -18.046165502591823,
            posteriors: [
                (-0.39208069274035173, 0.26697684168109487),
                (0.448620034974212, 0.26187179624756535),
                (0.1593462388863114, 0.37677199119202576),
                (0.5559715050455625, 0.7831809382114563),
            ]),
        Known(
            kernel: Kernel(variance: 2.5, length: 0.3, forgetting: 0.4, noise: 0.05),
            logLikelihood: -10.851497781885257,
            posteriors: [
                (-0.9764157230919439, 0.6953086294463359),
                (0.1541432727419485, 0.2193394400786551),
                (0.1678136269426056, 0.9831202328316827),
                (0.20012687068415097, 1.5553567638558898),
            ]),
    ]

    @Test("Means, deviations and the likelihood are scikit-learn's", arguments: known.indices)
    func posterior(_ index: Int) throws {
        let known = Self.known[index]
        let process = try #require(
            GaussianProcess(Self.points, values: Self.values, kernel: known.kernel))
        #expect(abs(process.logLikelihood - known.logLikelihood) < 1e-9)
        let asked = [
            Point(time: 1, numbers: [0.4, 0.4]), Point(time: 1, numbers: [0.9, 0.1]),
            Point(time: 0.1, numbers: [0.2, 0.9]), Point(time: 1.2, numbers: [1, 1]),
        ]
        for (point, expected) in zip(asked, known.posteriors) {
            let (mean, deviation) = process.posterior(at: point)
            #expect(abs(mean - expected.mean) < 1e-9)
            #expect(abs(deviation - expected.deviation) < 1e-9)
        }
    }

    @Test("Of nothing it knows the kernel alone, and the same point twice without noise is refused")
    func edges() throws {
        let process = try #require(GaussianProcess([], values: [], kernel: Kernel()))
        let (mean, deviation) = process.posterior(at: Self.points[0])
        #expect((mean, deviation) == (0, 1))
        #expect(process.logLikelihood == 0)
        var kernel = Kernel()
        kernel.noise = 0
        let twice = [Self.points[0], Self.points[0]]
        #expect(GaussianProcess(twice, values: [1, 1], kernel: kernel) == nil)
        #expect(GaussianProcess(twice, values: [1, 1], kernel: Kernel()) != nil)
    }

    @Test("A kernel that is fitted explains the values better, and within its bounds")
    func fitting() throws {
        var random = Scatter(3)
        let points = (0..<40).map { index in
            Point(
                time: Double(index) / 40, numbers: [.random(in: 0...1, using: &random)],
                categories: [.random(in: 0..<2, using: &random)])
        }
        let values = points.map { point in
            (point.categories[0] == 0 ? 1 : -1) * (point.numbers[0] - 0.5)
                + 0.05 * random.normal()
        }
        let first = try #require(GaussianProcess(points, values: values, kernel: Kernel()))
        let fitted = try #require(GaussianProcess.fitted(points, values: values))
        #expect(fitted.logLikelihood > first.logLikelihood + 10)
        #expect((1e-3...0.5).contains(fitted.kernel.forgetting))
        #expect((1e-3...1).contains(fitted.kernel.noise))
        #expect(fitted.kernel.noise < 0.05)
        let (mean, deviation) = fitted.posterior(
            at: Point(time: 1, numbers: [0.9], categories: [0]))
        #expect(abs(mean - 0.4) < 3 * deviation + 0.1)
    }
}
