import Dispatch
import Foundation
import Histories
import Murmuration
import Plotting
import Synchronization

/// Shows a board: redrawn in place on a terminal, as lines in a pipe.
///
/// Drawing happens on a queue of its own, since a terminal may stand still (Ctrl-S) or be slow; what
/// comes in the meantime is left out, and the newest board is drawn next.
final class BoardDisplay: Sendable {
    private struct State {
        var view: BoardView?
        var isDrawing = false
        /// The terminal shows boards, not what was there before.
        var isOpen = false
        var canvas = Canvas()
        var lastWhole = ContinuousClock.now
        /// When the next board may be drawn.
        var next = ContinuousClock.now
        var plain = PlainBoard()
        var signals: Signals?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "murmur.board")
    private let output: Int32
    private let screen: Screen
    private let beginning = ContinuousClock.now

    /// As often as one can read it, and few enough bytes for a slow line.
    private static let pause = Duration.milliseconds(200)
    /// After so long everything is drawn again, whatever else was written to the terminal.
    private static let whole = Duration.seconds(10)

    var isTerminal: Bool { screen.isTerminal }

    /// - Parameter screen: What the output can show; by default as the environment says.
    init(output: Int32 = STDOUT_FILENO, screen: Screen? = nil) {
        self.output = output
        let screen = screen ?? Screen(of: output)
        self.screen = screen
        guard screen.isTerminal else { return }
        let signals = Signals([SIGWINCH, SIGTSTP, SIGCONT]) { [weak self] in self?.received($0) }
        state.withLock { $0.signals = signals }
    }

    func show(_ view: BoardView) {
        state.withLock { $0.view = view }
        schedule()
    }

    /// Gives the terminal back as it was, with the last board left on it. Showing a board after
    /// this begins anew.
    func close() {
        queue.sync {
            guard var view = state.withLock({ $0.view.take() }) else { return }
            // Whoever reads on is told what there is to look at.
            view.logs = nil
            view.event = nil
            guard isTerminal else {
                let now = beginning.duration(to: .now)
                let line = state.withLock { $0.plain.line(view, at: now, isLast: true) }
                return write(line.map { $0 + "\n" } ?? "")
            }
            closeCanvas()
            write(lines(view, in: Terminal.size(of: output)).map { $0.text + "\n" }.joined() + "\n")
        }
    }

    /// Draws the newest board soon, unless that is to happen already.
    private func schedule() {
        let next = state.withLock { state in
            defer { state.isDrawing = true }
            return state.isDrawing ? nil : state.next
        }
        guard let next else { return }
        let wait = max(.zero, ContinuousClock.now.duration(to: next)) / .seconds(1)
        queue.asyncAfter(deadline: .now() + wait) { self.draw() }
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
        // In the background the terminal is somebody else's.
        guard isInForeground else { return }
        let size = Terminal.size(of: output)
        let lines = lines(view, in: size)
        let begun = ContinuousClock.now
        let text = state.withLock { state in
            let opening = state.isOpen ? "" : Canvas.open
            if !state.isOpen || begun - state.lastWhole >= Self.whole {
                state.canvas.forget()
                state.lastWhole = begun
            }
            state.isOpen = true
            return opening + state.canvas.draw(lines, size: size)
        }
        write(text)
        // A terminal that takes long to take it gets as long to rest.
        let taken = begun.duration(to: .now)
        state.withLock { $0.next = .now + max(Self.pause, taken) }
    }

    private func lines(_ view: BoardView, in size: Canvas.Size) -> [BoardRenderer.Line] {
        BoardRenderer(
            width: size.width, height: size.height, colour: screen.colour, glyphs: screen.glyphs
        ).lines(view)
    }

    private var isInForeground: Bool {
        let group = tcgetpgrp(output)
        return group < 0 || group == getpgrp()
    }

    private func received(_ signalNumber: Int32) {
        queue.async { [self] in
            switch signalNumber {
            case SIGTSTP:
                closeCanvas()
                kill(getpid(), SIGSTOP)
            case SIGCONT, SIGWINCH:
                state.withLock { $0.canvas.forget() }
                schedule()
            default:
                preconditionFailure("only the signals that were asked for arrive")
            }
        }
    }

    private func closeCanvas() {
        let isOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        if isOpen { write(Canvas.close) }
    }

    private func write(_ text: String) {
        OutputFile.write(text, to: output)
    }
}

extension Terminal {
    /// Of a terminal; that of a classic one when it does not say.
    static func size(of descriptor: Int32) -> Canvas.Size {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return Canvas.Size(width: 80, height: 24) }
        return Canvas.Size(width: Int(size.ws_col), height: Int(size.ws_row))
    }
}
