import Testing

@testable import Metrics

struct MetricFamilyTests {
    @Test func `A family is told with its help, its kind and its samples`() {
        var family = MetricFamily("murmur_things_total", .counter, "Things.")
        family.add(3, ("population", "digits"), ("kind", "small"))
        family.add(0.5)
        #expect(
            family.text == """
                # HELP murmur_things_total Things.
                # TYPE murmur_things_total counter
                murmur_things_total{population="digits",kind="small"} 3
                murmur_things_total 0.5

                """)
    }

    @Test func `A family without samples, or whose values are unknown, is left out`() {
        var family = MetricFamily("murmur_things", .gauge, "Things.")
        family.add(nil as Double?, ("kind", "small"))
        family.add(nil as Int?)
        #expect(family.text.isEmpty)
    }

    @Test func `What has a meaning in the format is escaped`() {
        var family = MetricFamily("murmur_things", .gauge, "One \\ and\ntwo \"lines\".")
        family.add(1, ("name", "a\"b\\c\nd"))
        #expect(
            family.text == #"""
                # HELP murmur_things One \\ and\ntwo "lines".
                # TYPE murmur_things gauge
                murmur_things{name="a\"b\\c\nd"} 1

                """#)
    }

    @Test(
        arguments: [
            (0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.1, "0.1"), (1e-7, "1e-07"),
            (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300"),
        ] as [(Double, String)])
    func `Numbers are written as the format has them`(value: Double, text: String) {
        #expect(MetricFamily.text(value) == text)
    }

    @Test func `A histogram's classes add up, and the last has all`() {
        var family = MetricFamily("murmur_time_seconds", .histogram, "Time.")
        family.add(bounds: [0.1, 1], counts: [2, 0, 1], sum: 7.5)
        #expect(
            family.text == """
                # HELP murmur_time_seconds Time.
                # TYPE murmur_time_seconds histogram
                murmur_time_seconds_bucket{le="0.1"} 2
                murmur_time_seconds_bucket{le="1"} 2
                murmur_time_seconds_bucket{le="+Inf"} 3
                murmur_time_seconds_sum 7.5
                murmur_time_seconds_count 3

                """)
    }
}
