/// What a range of numbers has beside its bounds. Most have a scale alone, which takes no memory of its
/// own.
enum NumberForm: Hashable, Sendable {
    case linear
    case log
    indirect case detailed(Scale, NumberDetails)

    init(_ scale: Scale, _ details: NumberDetails) {
        if details != NumberDetails() {
            self = .detailed(scale, details)
        } else {
            self = scale == .log ? .log : .linear
        }
    }

    var scale: Scale {
        switch self {
        case .linear: .linear
        case .log: .log
        case .detailed(let scale, _): scale
        }
    }

    var details: NumberDetails {
        if case .detailed(_, let details) = self { details } else { NumberDetails() }
    }
}
