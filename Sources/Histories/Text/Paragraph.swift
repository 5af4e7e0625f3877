/// A sentence or more, in lines that fit a terminal.
package enum Paragraph {
    /// The words in lines of at most `width` cells where words are not longer; the second and
    /// later ones begin further to the right. Without a width it is one line.
    package static func lines(_ text: String, width: Int?) -> [String] {
        guard let width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, Terminal.width(line) + 1 + Terminal.width(String(word)) > width {
                lines.append(line)
                line = indent + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }

    private static let indent = "  "
}
