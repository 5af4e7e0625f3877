import Testing

@testable import Evolution

struct WelchTests {
    /// The p-values are those of scipy.stats.ttest_ind(…, equal_var=False), SciPy 1.17.1.
    @Test(
        "P-values are those of SciPy",
        arguments: [
            ([1, 2, 3], [4, 5, 6], 0.021311641128756713),
            ([0.5, 0.7], [0.6, 0.9], 0.5038378637419373),
            ([1, 1, 1.1, 0.9, 1.05], [1.2, 1.3, 1.1, 1.25, 1.15], 0.004457553379775681),
            ([10, 12, 9, 11, 10, 13, 8, 10], [10, 10.5], 0.844780557820054),
            ([-3, -2.5, -2.9], [-1, -4, 0.5, 2], 0.18784133686441307),
            ([1e-6, 2e-6, 1.5e-6], [1.6e-6, 3e-6, 2.2e-6, 1.9e-6], 0.16802009381301447),
            ([0, 0, 0, 1], [0, 0, 0, 0], 0.3910022189557705),
            ([1, 2], [1, 2], 1),
            ((0..<32).map(Double.init), (0..<32).map { Double($0) + 10 }, 6.970781076535503e-05),
        ] as [([Double], [Double], Double)])
    func pValues(_ one: [Double], _ other: [Double], _ expected: Double) throws {
        let test = try #require(Welch(one, other))
        #expect(abs(test.pValue - expected) <= 1e-9 * expected)
        #expect(try abs(#require(Welch(other, one)).pValue - test.pValue) <= 1e-12 * expected)
    }

    /// Those of scipy.stats.t.sf, twice.
    @Test(
        "The distribution's tails are those of SciPy",
        arguments: [
            (2.0, 1.0, 0.2951672353008665), (0.1, 62, 0.9206669804042906),
            (12, 3.3, 0.0007785921216933891), (0, 5, 1),
        ])
    func tails(_ t: Double, _ degrees: Double, _ expected: Double) {
        #expect(abs(StudentsT.beyond(t, degrees: degrees) - expected) <= 1e-9 * expected)
    }

    @Test("Scores that do not vary differ, or do not")
    func constant() throws {
        #expect(try #require(Welch([1, 1], [2, 2, 2])).pValue == 0)
        #expect(try #require(Welch([1, 1], [1, 1, 1])).pValue == 1)
    }

    @Test(
        "As many of the same score as there may be are no different from two of it",
        arguments: [1, 0.1, 1.0 / 3, -2.7, 1e-300, 1.7e308])
    func constantOfAnyNumber(_ score: Double) throws {
        for count in 2...OwnScores.most {
            let test = try #require(Welch([score, score], .init(repeating: score, count: count)))
            #expect(test.pValue == 1 && test.second == score, "\(count)")
        }
    }

    @Test("Fewer than two scores, or none that is a number, are compared with nothing")
    func tooFew() {
        #expect(Welch([1], [2, 3]) == nil)
        #expect(Welch([1, 2], [.nan, .infinity, 2]) == nil)
        #expect(Welch([1, .nan, 2], [3, 4]) != nil)
    }

    @Test("The largest scores do not make it infinite")
    func large() throws {
        let test = try #require(
            Welch([1.7e308, 1.7e308, -1.7e308], [1.7e308, 1.6e308, 1.5e308]))
        #expect((0...1).contains(test.pValue))
        #expect(test.first.isFinite && test.second.isFinite)
    }
}
