#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What is known of a function from some of its values, at any point: a mean, and a deviation.
///
/// It is a Gaussian process of mean 0 whose kernel forgets with time (Parker-Holder et al., "Provably
/// Efficient Online Hyperparameter Optimization with Population-Based Bandits", arXiv 2002.02518).
package struct GaussianProcess: Sendable {
    package let kernel: Kernel
    private let points: [Point]
    /// Of the points' covariance with the noise: lower and triangular, row by row.
    private let factor: Factor
    /// The covariance's inverse times the values.
    private let weights: [Double]
    /// The logarithm of how likely the values are under the kernel.
    package let logLikelihood: Double

    /// A place in the function's domain.
    package struct Point: Hashable, Sendable {
        /// From 0 to 1.
        package var time: Double
        /// Each from 0 to 1, or about.
        package var numbers: [Double]
        /// Each is one of a few, which have no order.
        package var categories: [Int]

        package init(time: Double, numbers: [Double], categories: [Int] = []) {
            self.time = time
            self.numbers = numbers
            self.categories = categories
        }
    }

    /// How alike the function is at two points.
    package struct Kernel: Hashable, Sendable {
        package var variance = 1.0
        /// The squared distance over which much is forgotten.
        package var length = 1.0
        /// How much is forgotten with time, from 0 to 0.5.
        package var forgetting = 0.1
        /// The variance of what is seen at a point, which is not of the function.
        package var noise = 0.1

        package init() {}

        package init(variance: Double, length: Double, forgetting: Double, noise: Double) {
            self.variance = variance
            self.length = length
            self.forgetting = forgetting
            self.noise = noise
        }

        /// Categories that differ are as far apart as the ends of a number's range.
        package func covariance(_ one: Point, _ other: Point) -> Double {
            var distance = 0.0
            for index in one.numbers.indices {
                let difference = one.numbers[index] - other.numbers[index]
                distance += difference * difference
            }
            for index in one.categories.indices
            where one.categories[index] != other.categories[index] {
                distance += 1
            }
            let memory = 0.5 * abs(one.time - other.time) * log(1 - forgetting)
            return variance * exp(memory - distance / length)
        }
    }

    /// - Returns: `nil` where rounding leaves nothing of the covariance, as for points that are nearly the
    ///   same without noise.
    package init?(_ points: [Point], values: [Double], kernel: Kernel) {
        precondition(points.count == values.count, "Each point has a value.")
        guard let factor = Factor(of: points, kernel) else { return nil }
        self.kernel = kernel
        self.points = points
        self.factor = factor
        let solved = factor.solve(values)
        weights = factor.solveTransposed(solved)
        let misfit = solved.reduce(0) { $0 + $1 * $1 }
        logLikelihood =
            -0.5 * misfit - factor.logDeterminant
            - 0.5 * Double(points.count) * log(2 * .pi)
    }

    /// The function's mean and deviation at a point, without the noise of seeing it.
    package func posterior(at point: Point) -> (mean: Double, deviation: Double) {
        let covariances = points.map { kernel.covariance($0, point) }
        let mean = zip(covariances, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let solved = factor.solve(covariances)
        let known = solved.reduce(0) { $0 + $1 * $1 }
        return (mean, max(0, kernel.variance - known).squareRoot())
    }
}

/// The Cholesky factor of the covariance of points.
private struct Factor: Sendable {
    private let count: Int
    private var rows: [Double]

    init?(of points: [GaussianProcess.Point], _ kernel: GaussianProcess.Kernel) {
        count = points.count
        rows = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0...row {
                rows[row * count + column] = kernel.covariance(points[row], points[column])
            }
            rows[row * count + row] += kernel.noise
        }
        let count = count
        let isWhole = rows.withUnsafeMutableBufferPointer { rows in
            for row in 0..<count {
                for column in 0...row {
                    var rest = rows[row * count + column]
                    for inner in 0..<column {
                        rest -= rows[row * count + inner] * rows[column * count + inner]
                    }
                    if row == column {
                        // Also what is no number ends it.
                        guard rest > 1e-12 else { return false }
                        rows[row * count + row] = rest.squareRoot()
                    } else {
                        rows[row * count + column] = rest / rows[column * count + column]
                    }
                }
            }
            return true
        }
        if !isWhole { return nil }
    }

    /// Half of it, as the factor's own.
    var logDeterminant: Double { (0..<count).reduce(0) { $0 + log(rows[$1 * count + $1]) } }

    func solve(_ values: [Double]) -> [Double] {
        var solved = values
        for row in 0..<count {
            var rest = solved[row]
            for column in 0..<row { rest -= rows[row * count + column] * solved[column] }
            solved[row] = rest / rows[row * count + row]
        }
        return solved
    }

    func solveTransposed(_ values: [Double]) -> [Double] {
        var solved = values
        for row in (0..<count).reversed() {
            let value = solved[row] / rows[row * count + row]
            solved[row] = value
            for column in 0..<row { solved[column] -= rows[row * count + column] * value }
        }
        return solved
    }
}

// MARK: - Fitting

extension GaussianProcess {
    /// The one under whose kernel the values are likeliest, of those that a search finds which changes one
    /// parameter at a time.
    ///
    /// It tries some sixty kernels: for 256 points that takes a fifth of a second.
    package static func fitted(
        _ points: [Point], values: [Double], from kernel: Kernel = Kernel()
    ) -> GaussianProcess? {
        var best = GaussianProcess(points, values: values, kernel: kernel)
        for factor in [4, 2, 1.4] {
            for parameter in Kernel.parameters {
                for move in [factor, 1 / factor] {
                    // As far as it gets better.
                    for _ in 0..<4 {
                        guard let now = best else { break }
                        let next = now.kernel.moved(parameter, by: move)
                        guard next != now.kernel,
                            let other = GaussianProcess(points, values: values, kernel: next),
                            other.logLikelihood > now.logLikelihood
                        else { break }
                        best = other
                    }
                }
            }
        }
        return best
    }
}

extension GaussianProcess.Kernel {
    fileprivate struct Parameter: Sendable {
        var path: any WritableKeyPath<GaussianProcess.Kernel, Double> & Sendable
        var range: ClosedRange<Double>
    }

    fileprivate static let parameters = [
        Parameter(path: \.variance, range: 0.01...10), Parameter(path: \.length, range: 1e-5...10),
        Parameter(path: \.forgetting, range: 1e-3...0.5), Parameter(path: \.noise, range: 1e-3...1),
    ]

    fileprivate func moved(_ parameter: Parameter, by factor: Double) -> Self {
        var moved = self
        let value = moved[keyPath: parameter.path] * factor
        moved[keyPath: parameter.path] = parameter.range.clamp(value)
        return moved
    }
}
