import Foundation
import Testing

@testable import murmur

/// A terminal that nobody looks at.
private struct PseudoTerminal: ~Copyable {
    private let reader: Int32
    let terminal: Int32

    init() throws {
        var (reader, terminal): (Int32, Int32) = (-1, -1)
        try #require(openpty(&reader, &terminal, nil, nil, nil) == 0)
        self.reader = reader
        self.terminal = terminal
    }

    deinit {
        close(terminal)
        close(reader)
    }

    func resize(width: UInt16, height: UInt16) {
        var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0)
    }

    /// As Ctrl-S and Ctrl-Q do.
    func stand(still isStill: Bool) {
        #expect(tcflow(terminal, isStill ? TCOOFF : TCOON) == 0)
    }

    /// All that is written up to a text.
    func read(until text: String) throws -> String {
        var bytes: [UInt8] = []
        let end = Array(text.utf8)
        while !bytes.suffix(end.count).elementsEqual(end) {
            var byte: UInt8 = 0
            try #require(Foundation.read(reader, &byte, 1) == 1)
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct BoardDisplayTests {
    private static let screen = Screen(
        isTerminal: true, environment: ["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"])
    private static let frame = "\u{1B}[?2026h"

    private static func view(_ event: String) -> BoardView {
        var view = BoardTests.view()
        view.event = event
        return view
    }

    @Test func `A terminal is given back as it was, with the last board on it`() throws {
        let terminal = try PseudoTerminal()
        terminal.resize(width: 60, height: 20)
        let display = BoardDisplay(output: terminal.terminal, screen: Self.screen)
        display.show(Self.view("first"))
        let drawn = try terminal.read(until: "\u{1B}[?2026l")
        #expect(drawn.hasPrefix(Canvas.open + Self.frame))
        #expect(drawn.contains("\u{1B}[1;1Hmurmur  digits"))
        #expect(drawn.contains("first\u{1B}[K"))
        display.close()
        let rest = try terminal.read(until: "batch → 77\r\n")
        #expect(rest.hasPrefix(Canvas.close + "murmur  digits"))
        #expect(rest.split(separator: "\r\n").allSatisfy { $0.count <= 90 })
        // There is nothing left to give back.
        display.close()
    }

    @Test func `A terminal that stands still gets the newest board only when it goes on`() throws {
        let terminal = try PseudoTerminal()
        terminal.resize(width: 200, height: 60)
        let display = BoardDisplay(output: terminal.terminal, screen: Self.screen)
        var view = Self.view("")
        view.entries = (0..<50).map { rank in
            var entry = view.entries[rank % 2]
            entry.rank = rank
            return entry
        }
        terminal.stand(still: true)
        for index in 0..<10_000 {
            view.event = "event \(index)"
            display.show(view)
        }
        terminal.stand(still: false)
        let drawn = try terminal.read(until: "event 9999")
        #expect(drawn.components(separatedBy: Self.frame).count - 1 <= 2)
        display.close()
        _ = try terminal.read(until: "batch → 77\r\n")
    }

    @Test func `A terminal that is gone costs nothing`() throws {
        let display: BoardDisplay
        do {
            let terminal = try PseudoTerminal()
            display = BoardDisplay(output: dup(terminal.terminal), screen: Self.screen)
            display.show(Self.view("before"))
            _ = try terminal.read(until: "before")
        }
        display.show(Self.view("after"))
        display.close()
    }
}
