import Evolution

/// What text looks like on a terminal.
package enum Terminal {
    /// The text with everything that could steer a terminal shown by its code.
    package static func escaped(_ text: String) -> String { text.escapingControls }

    /// How many cells the text takes.
    package static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + cells($1) }
    }

    /// The text in exactly `width` cells: filled with spaces, or cut with an ellipsis.
    package static func fitted(_ text: String, _ width: Int, right: Bool = false) -> String {
        let cut = cut(text, width)
        let padding = String(repeating: " ", count: max(0, width - self.width(cut)))
        return right ? padding + cut : cut + padding
    }

    /// Stands for what was cut off.
    package static let ellipsis: Character = "…"

    /// The text in at most `width` cells.
    package static func cut(_ text: String, _ width: Int) -> String {
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
    package static func trimmingEnd(_ text: String) -> String {
        var text = Substring(text)
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// Terminals know no characters of several scalars: each takes its own cells, but for marks.
    private static func cells(_ character: Character) -> Int {
        if let ascii = character.asciiValue { return ascii < 0x20 ? 0 : 1 }
        return character.unicodeScalars.reduce(0) { $0 + cells($1) }
    }

    private static func cells(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        // Vowels and finals of Hangul join the syllable before them.
        case 0x1160...0x11FF: return 0
        // Two of them are a flag, which takes two cells.
        case 0x1F1E6...0x1F1FF: return 1
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}
