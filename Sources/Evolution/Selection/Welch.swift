#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Welch's test of whether two samples have the same mean (Welch 1947, "The generalization of
/// 'Student's' problem when several different population variances are involved").
struct Welch: Hashable, Sendable {
    /// The means of the two samples.
    let first: Double
    let second: Double
    /// The chance that two samples of one mean differ as much or more, either way.
    let pValue: Double

    /// `nil` when a sample has fewer than two finite scores.
    init?(_ one: [Double], _ other: [Double]) {
        let samples = [one, other].map { $0.filter(\.isFinite) }
        guard samples.allSatisfy({ $0.count >= 2 }) else { return nil }
        let counts = samples.map { Double($0.count) }
        let means = samples.map(\.mean)
        let errors = zip(samples, zip(means, counts)).map { sample, other in
            let (mean, count) = other
            return sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        }
        first = means[0]
        second = means[1]
        let error = errors[0] + errors[1]
        guard error > 0, error.isFinite else {
            // Scores that do not vary: any difference is one.
            pValue = error == 0 && first != second ? 0 : 1
            return
        }
        let t = (first - second) / error.squareRoot()
        let parts = zip(errors, counts).map { error, count in error * error / (count - 1) }
        let degrees = error * error / (parts[0] + parts[1])
        pValue = degrees.isFinite ? StudentsT.beyond(abs(t), degrees: degrees) : 1
    }
}

/// The distribution of Student's t, for as few degrees of freedom as a member's last scores have.
enum StudentsT {
    /// The chance to be as far from 0 as `t`, or further, either way.
    static func beyond(_ t: Double, degrees: Double) -> Double {
        incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
    }

    /// The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun,
    /// 26.5.8), evaluated from the front (Lentz 1976).
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // Where the fraction converges slowly its mirror image does not.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let beta = tgamma(a) * tgamma(b) / tgamma(a + b)
        return pow(x, a) * pow(1 - x, b) / (a * beta) / fraction(x, a, b)
    }

    private static let mostTerms = 500

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var result = 1.0
        var upper = 1.0
        var lower = 0.0
        for term in 1...mostTerms {
            let m = Double(term / 2)
            let numerator =
                term.isMultiple(of: 2)
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            lower = 1 / away(1 + numerator * lower)
            upper = away(1 + numerator / upper)
            result *= upper * lower
            if abs(upper * lower - 1) < 1e-15 { break }
        }
        return result
    }
}
