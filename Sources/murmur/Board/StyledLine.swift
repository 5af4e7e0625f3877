import Histories

/// A line of text with colours, cut to a width before they are written out.
struct StyledLine: Equatable {
    private(set) var spans: [Span] = []

    struct Span: Equatable {
        var text: String
        var style: Style
    }

    enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
        case alarm = "1;31"
    }

    init(_ text: String = "", _ style: Style = .plain) {
        append(text, style)
    }

    /// Names and sentences of others are among what is appended, so that nothing steers a terminal
    /// but styles.
    mutating func append(_ text: String, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        spans.append(Span(text: Terminal.escaped(text), style: style))
    }

    var width: Int { spans.reduce(0) { $0 + Terminal.width($1.text) } }

    /// Puts text at the right edge, when there is room for it.
    mutating func append(atRight text: String, _ style: Style, width: Int) {
        let gap = width - self.width - Terminal.width(text)
        guard gap > 0, !text.isEmpty else { return }
        append(String(repeating: " ", count: gap) + text, style)
    }

    /// Appends text when all of it fits.
    mutating func append(_ text: String, _ style: Style = .plain, within width: Int) {
        if self.width + Terminal.width(text) <= width { append(text, style) }
    }

    mutating func append(_ line: StyledLine) {
        spans += line.spans
    }

    /// Without the last spans, when not all of them fit.
    func wholeSpans(within width: Int) -> StyledLine {
        var line = self
        while line.spans.count > 1, line.width > width { line.spans.removeLast() }
        return line
    }

    func rendered(width: Int, colour: Bool, glyphs: Glyphs) -> String {
        var result = ""
        var room = width
        for span in spans where room > 0 {
            let cut = Terminal.cut(span.text, room)
            let text = glyphs.shown(cut)
            room -= Terminal.width(cut)
            if Terminal.width(span.text) > Terminal.width(cut) { room = 0 }
            result +=
                colour && span.style != .plain
                ? "\u{1B}[\(span.style.rawValue)m\(text)\u{1B}[0m" : text
        }
        return result
    }
}
