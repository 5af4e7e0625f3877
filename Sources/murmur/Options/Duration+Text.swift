import Histories

extension Duration {
    /// Reads `90s`, `10m`, `2h`, `1d` or several of them (`1h30m`), largest first.
    init(text: String) throws {
        func failure() -> Failure {
            Failure("'\(text)' is not a length of time; write it like 90s, 10m, 2h or 1h30m.")
        }
        let units: [(name: Character, seconds: Double)] = [
            ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
        ]
        var seconds = 0.0
        var number = ""
        var next = units.startIndex
        for character in text {
            if character.isASCII, character.isNumber || character == "." {
                number.append(character)
                continue
            }
            guard let value = Double(number),
                let unit = units[next...].firstIndex(where: { $0.name == character })
            else { throw failure() }
            seconds += value * units[unit].seconds
            next = unit + 1
            number = ""
        }
        guard number.isEmpty, !text.isEmpty else { throw failure() }
        guard seconds > 0 else {
            throw Failure("'\(text)' is no time at all; write a longer one, such as 30s.")
        }
        guard seconds <= Self.longestSeconds else {
            throw Failure("'\(text)' is longer than a hundred years; write a shorter time.")
        }
        self = .seconds(seconds)
    }

    private static let longestSeconds = 100.0 * 365 * 86_400

    /// For people, with two units at most: `0.5 s`, `42 s`, `3 m 05 s`, `2 h 07 m`, `3 d 04 h`.
    var shortText: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        if tenths < 100, tenths % 10 != 0 { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = Int((self / .seconds(1)).rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) m \(two(seconds % 60)) s"
        case ..<86_400: "\(seconds / 3_600) h \(two(seconds / 60 % 60)) m"
        default: "\(seconds / 86_400) d \(two(seconds / 3_600 % 24)) h"
        }
    }
}
