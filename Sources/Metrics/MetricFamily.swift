/// A metric with its samples, as Prometheus' text format has it
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable {
        /// Counts up from 0.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts observations by their size.
        case histogram
    }

    package let name: String
    /// What it means, in a line.
    package let help: String
    package let kind: Kind
    package private(set) var samples: [Sample]

    package struct Sample: Sendable {
        /// What is added to the family's name.
        var suffix = ""
        var labels: [Label]
        var value: Double
    }

    package typealias Label = (name: String, value: String)

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        samples = []
    }

    /// - Parameter value: `nil` leaves it out.
    package mutating func add(_ value: Double?, _ labels: Label...) {
        guard let value else { return }
        samples.append(Sample(labels: labels, value: value))
    }

    package mutating func add(_ value: Int?, _ labels: Label...) {
        guard let value else { return }
        samples.append(Sample(labels: labels, value: Double(value)))
    }

    /// - Parameters:
    ///   - bounds: the largest value of each class, in rising order.
    ///   - counts: of each class alone, and of what is larger than all.
    package mutating func add(bounds: [Double], counts: [Int], sum: Double) {
        var total = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            samples.append(
                Sample(
                    suffix: "_bucket", labels: [("le", Self.text(bound))], value: Double(total)))
        }
        samples.append(Sample(suffix: "_sum", labels: [], value: sum))
        samples.append(Sample(suffix: "_count", labels: [], value: Double(total)))
    }

    /// The family in the text format; nothing when it has no samples.
    package var text: String {
        guard !samples.isEmpty else { return "" }
        var text = "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { label in
                "\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
            }
            let braced = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
            text += "\(name)\(sample.suffix)\(braced) \(Self.text(sample.value))\n"
        }
        return text
    }

    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
