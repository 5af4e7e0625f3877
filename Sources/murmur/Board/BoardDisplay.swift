import Dispatch
import Foundation
import Synchronization

/// Shows a board: redrawn in place on a terminal, as lines in a pipe.
///
/// Drawing happens on a queue of its own, since a terminal may stand still (Ctrl-S); what comes
/// in the meantime is left out, and the newest board is drawn next.
final class BoardDisplay: Sendable {
    private struct State {
        var view: BoardView?
        var isDrawing = false
        var isOpen = false
        var plain = PlainBoard()
        var signals: Signals?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "murmur.board")
    private let output: Int32
    let isTerminal: Bool
    private let colour: Bool
    private let beginning = ContinuousClock.now

    init(
        output: Int32 = STDOUT_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.output = output
        isTerminal = isatty(output) == 1 && environment["TERM"] != "dumb"
        colour = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
        guard isTerminal else { return }
        let signals = Signals([SIGWINCH, SIGTSTP, SIGCONT]) { [weak self] in self?.received($0) }
        state.withLock { $0.signals = signals }
    }

    func show(_ view: BoardView) {
        let mustDraw = state.withLock { state in
            state.view = view
            defer { state.isDrawing = true }
            return !state.isDrawing
        }
        if mustDraw { queue.async { self.draw() } }
    }

    /// Gives the terminal back as it was, with the last board left on it. Showing a board after
    /// this begins anew.
    func close() {
        queue.sync {
            guard let view = state.withLock({ $0.view }) else { return }
            guard isTerminal else {
                let now = beginning.duration(to: .now)
                let line = state.withLock { $0.plain.line(view, at: now, isLast: true) }
                return write(line.map { $0 + "\n" } ?? "")
            }
            leave()
            state.withLock { $0.view = nil }
            write(lines(view).map { $0 + "\n" }.joined())
        }
    }

    private func draw() {
        let view = state.withLock { state in
            state.isDrawing = false
            return state.view
        }
        guard let view else { return }
        guard isTerminal else {
            let now = beginning.duration(to: .now)
            let line = state.withLock { $0.plain.line(view, at: now) }
            return write(line.map { $0 + "\n" } ?? "")
        }
        enter()
        let text = lines(view).map { $0 + Control.clearLine }.joined(separator: "\r\n")
        write(Control.home + text + Control.clearBelow)
    }

    private func lines(_ view: BoardView) -> [String] {
        let size = Terminal.size(of: output)
        return BoardRenderer(width: size.width, height: size.height, colour: colour).lines(view)
    }

    private func received(_ signalNumber: Int32) {
        queue.async { [self] in
            switch signalNumber {
            case SIGTSTP:
                leave()
                kill(getpid(), SIGSTOP)
            case SIGCONT, SIGWINCH:
                draw()
            default:
                preconditionFailure("only the signals that were asked for arrive")
            }
        }
    }

    /// To the alternate screen, without a cursor.
    private func enter() {
        let isOpen = state.withLock { state in
            defer { state.isOpen = true }
            return state.isOpen
        }
        if !isOpen { write(Control.alternateScreen + Control.hideCursor) }
    }

    private func leave() {
        let isOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if isOpen { write(Control.showCursor + Control.normalScreen) }
    }

    private func write(_ text: String) {
        OutputFile.write(text, to: output)
    }

    private enum Control {
        static let alternateScreen = "\u{1B}[?1049h"
        static let normalScreen = "\u{1B}[?1049l"
        static let hideCursor = "\u{1B}[?25l"
        static let showCursor = "\u{1B}[?25h"
        static let home = "\u{1B}[H"
        static let clearLine = "\u{1B}[K"
        static let clearBelow = "\u{1B}[J"
    }
}

extension Terminal {
    /// Of a terminal; that of a classic one when it does not say.
    static func size(of descriptor: Int32) -> (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
