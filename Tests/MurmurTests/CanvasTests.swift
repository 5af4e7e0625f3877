import Testing

@testable import Plotting
@testable import murmur

struct CanvasTests {
    private static let size = Canvas.Size(width: 4, height: 3)

    private static func lines(_ texts: String...) -> [BoardRenderer.Line] {
        texts.map { .init(text: $0, width: $0.count) }
    }

    /// Without what brackets every drawing.
    private static func inner(_ text: String) -> String? {
        let (begin, end) = ("\u{1B}[?2026h", "\u{1B}[1;1H\u{1B}[?2026l")
        guard text.hasPrefix(begin), text.hasSuffix(end) else { return nil }
        return String(text.dropFirst(begin.count).dropLast(end.count))
    }

    @Test func `The first drawing writes all lines and clears the rest`() {
        var canvas = Canvas()
        // The last cell of a full line is not cleared, and nothing is written that could scroll.
        #expect(
            Self.inner(canvas.draw(Self.lines("ab", "abcd"), size: Self.size))
                == "\u{1B}[1;1Hab\u{1B}[K\u{1B}[2;1Habcd\u{1B}[3;1H\u{1B}[J")
    }

    @Test func `Then only what changed is written`() {
        var canvas = Canvas()
        _ = canvas.draw(Self.lines("a", "b", "c"), size: Self.size)
        #expect(canvas.draw(Self.lines("a", "b", "c"), size: Self.size) == "")
        #expect(
            Self.inner(canvas.draw(Self.lines("a", "B", "c"), size: Self.size))
                == "\u{1B}[2;1HB\u{1B}[K")
        #expect(
            Self.inner(canvas.draw(Self.lines("a"), size: Self.size)) == "\u{1B}[2;1H\u{1B}[J")
    }

    @Test func `After a resize, or when something else was written, all is drawn anew`() {
        var canvas = Canvas()
        let lines = Self.lines("a", "b", "c")
        let first = canvas.draw(lines, size: Self.size)
        #expect(canvas.draw(lines, size: .init(width: 5, height: 3)) == first)
        canvas.forget()
        #expect(canvas.draw(lines, size: .init(width: 5, height: 3)) == first)
    }

    @Test func `What was set on a terminal is taken back in the opposite order`() {
        #expect(Canvas.open == "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
        #expect(Canvas.close.hasSuffix("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"))
    }
}

struct ScreenTests {
    private static let usual = ["TERM": "xterm-256color", "LANG": "en_US.UTF-8"]

    private func screen(isTerminal: Bool = true, _ changes: [String: String]) -> Screen {
        Screen(
            isTerminal: isTerminal,
            environment: Self.usual.merging(changes) { $1 })
    }

    @Test func `A usual terminal is drawn on in colour`() {
        let screen = screen([:])
        #expect(screen.isTerminal && screen.colour)
        #expect(screen.glyphs == .unicode)
    }

    @Test(arguments: ["dumb", ""])
    func `A terminal that can only print gets lines`(name: String) {
        let screen = screen(["TERM": name])
        #expect(!screen.isTerminal && !screen.colour)
    }

    @Test func `A pipe has neither drawing nor colour`() {
        let screen = screen(isTerminal: false, [:])
        #expect(!screen.isTerminal && !screen.colour)
    }

    @Test func `Who wants no colour gets none, but a board`() {
        let screen = screen(["NO_COLOR": "1"])
        #expect(screen.isTerminal && !screen.colour)
        #expect(self.screen(["NO_COLOR": ""]).colour)
    }

    @Test(
        arguments: [
            (["LANG": "C"], false), (["LANG": ""], false), (["LANG": "C.utf8"], true),
            (["LC_CTYPE": "de_DE.ISO-8859-1"], false), (["LC_CTYPE": "UTF-8", "LANG": "C"], true),
            (["LC_ALL": "POSIX", "LC_CTYPE": "de_DE.UTF-8"], false),
            (["LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.UTF-8"], true),
        ] as [([String: String], Bool)])
    func `The locale says whether there are other characters than ASCII`(
        changes: [String: String], isUnicode: Bool
    ) {
        #expect(screen(changes).glyphs == (isUnicode ? .unicode : .ascii))
    }
}
