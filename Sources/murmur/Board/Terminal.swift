/// What text looks like on a terminal.
enum Terminal {
    /// The text with everything that could steer a terminal, or turn the direction of writing,
    /// shown by its code.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: steers) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if steers(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
            true
        default:
            false
        }
    }

    /// How many cells the text takes.
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + cells($1) }
    }

    /// The text in exactly `width` cells: filled with spaces, or cut with an ellipsis.
    static func fitted(_ text: String, _ width: Int, right: Bool = false) -> String {
        let cut = cut(text, width)
        let padding = String(repeating: " ", count: max(0, width - self.width(cut)))
        return right ? padding + cut : cut + padding
    }

    /// Stands for what was cut off.
    static let ellipsis: Character = "…"

    /// The text in at most `width` cells.
    static func cut(_ text: String, _ width: Int) -> String {
        guard self.width(text) > width else { return text }
        guard width > 0 else { return "" }
        var result = ""
        var used = 0
        for character in text {
            guard used + cells(character) < width else { break }
            used += cells(character)
            result.append(character)
        }
        result.append(ellipsis)
        return result
    }

    /// Without the spaces at its end.
    static func trimmingEnd(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func cells(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default:
            return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
