#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What hyperparameters gain from a state on, as far as observations tell (PB2, Parker-Holder et al.,
/// arXiv 2002.02518).
package struct BanditModel: Sendable {
    private let space: SearchSpace
    private var process: GaussianProcess
    private var points: [GaussianProcess.Point]
    private var values: [Double]
    private let observed: Int
    private let steps: ClosedRange<Double>
    private let scores: ClosedRange<Double>
    private let sign: Double
    /// By how much of its deviation a gain that is not sure counts as more.
    private let boldness: Double
    /// What gains are measured by: their mean and deviation.
    private let mean: Double
    private let deviation: Double

    /// With fewer nothing is known.
    package static let leastObservations = 4
    /// Values that are tried for each proposal.
    package static let candidates = 256
    /// The kernel is fitted to the newest ones: it takes some sixty tries.
    private static let mostFitted = 128

    /// - Returns: `nil` while too little was observed.
    package init?(
        _ observations: [Observation], by specification: Specification,
        from kernel: GaussianProcess.Kernel = GaussianProcess.Kernel()
    ) {
        guard observations.count >= Self.leastObservations,
            let steps = Self.range(observations.map { Double($0.step) }),
            let scores = Self.range(observations.map(\.score))
        else { return nil }
        space = specification.space
        observed = observations.count
        sign = specification.objective == .maximize ? 1 : -1
        (self.steps, self.scores) = (steps, scores)
        boldness = (0.2 * max(1, log(0.4 * Double(observations.count)))).squareRoot()
        let space = space
        points = observations.map {
            Self.point($0.step, $0.score, $0.hyperparameters, steps, scores, space)
        }
        let changes = observations.map(\.change)
        let spread = Self.spread(of: changes)
        guard spread.mean.isFinite, spread.deviation.isFinite else { return nil }
        (mean, deviation) = spread
        // What lies beyond two deviations is no more than that.
        values = changes.map {
            spread.deviation > 0 ? (-2.0...2.0).clamp(($0 - spread.mean) / spread.deviation) : 0
        }
        let fitted = GaussianProcess.fitted(
            Array(points.suffix(Self.mostFitted)), values: Array(values.suffix(Self.mostFitted)),
            from: kernel)
        guard let fitted,
            let process = GaussianProcess(points, values: values, kernel: fitted.kernel)
        else { return nil }
        self.process = process
    }

    package var kernel: GaussianProcess.Kernel { process.kernel }

    /// What to train with from a state on: of so many drawn values those that may gain most, where what
    /// is not known counts for it. What was proposed before counts as tried.
    package mutating func proposal(
        from state: CommittedState, _ candidates: (inout Draws) -> [Value], _ draws: inout Draws
    ) -> Proposal? {
        var best: (values: [Value], point: GaussianProcess.Point, mean: Double, bound: Double)?
        for _ in 0..<Self.candidates {
            let tried = candidates(&draws)
            let point = Self.point(state.step, sign * state.score, tried, steps, scores, space)
            let (mean, deviation) = process.posterior(at: point)
            let bound = mean + boldness * deviation
            if bound > best?.bound ?? -.infinity { best = (tried, point, mean, bound) }
        }
        guard let best else { return nil }
        points.append(best.point)
        values.append(best.mean)
        process = GaussianProcess(points, values: values, kernel: kernel) ?? process
        return Proposal(
            of: state, values: best.values,
            basis: Proposal.Basis(
                observations: observed, gain: mean + deviation * best.mean,
                bound: mean + deviation * best.bound))
    }

    private static func point(
        _ step: Int, _ score: Double, _ values: [Value], _ steps: ClosedRange<Double>,
        _ scores: ClosedRange<Double>, _ space: SearchSpace
    ) -> GaussianProcess.Point {
        var numbers = [part(score, of: scores)]
        var categories: [Int] = []
        let configuration = Configuration(values, in: space)
        for (index, value) in values.enumerated() {
            let domain = space.hyperparameters[index].domain
            let place =
                configuration.isActive(index) ? domain.place(of: value) : domain.placeWithoutEffect
            switch place {
            case .number(let number): numbers.append(number)
            case .category(let category): categories.append(category)
            }
        }
        return GaussianProcess.Point(
            time: part(Double(step), of: steps), numbers: numbers, categories: categories)
    }

    private static func part(_ number: Double, of range: ClosedRange<Double>) -> Double {
        range.width > 0 ? (number - range.lowerBound) / range.width : 0
    }

    private static func range(_ numbers: [Double]) -> ClosedRange<Double>? {
        guard let least = numbers.min(), let most = numbers.max(), (most - least).isFinite else {
            return nil
        }
        return least...most
    }

    private static func spread(of values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count)).squareRoot())
    }
}
