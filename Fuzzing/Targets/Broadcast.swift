import Foundation
import Messages

@testable import Murmuration
@testable import murmur

/// What a hostile coordinator publishes to a monitor that draws it.
func fuzzBroadcast(_ bytes: [UInt8]) throws {
    var filter = BoardFilter()
    var buffer = LineageBuffer(after: 0)
    var history = BoardHistory()
    var plain = PlainBoard()
    let start = ContinuousClock.now
    var now = Duration.zero
    for (frame, command) in Session(bytes) {
        now += command == .waitLong ? .seconds(61) : .milliseconds(500)
        guard let message = try? WireBroadcast(frame: frame) else { continue }
        buffer.admit(message)
        if let board = filter.admit(message, at: start + now) {
            _ = board.json
            history.add(board, at: now)
        }
        while case .event(let event) = buffer.next() {
            _ = event.json
            history.add(event, at: now, age: .zero)
        }
        guard let view = history.view(at: now) else { continue }
        _ = plain.line(view, at: now)
        for (width, height) in [(80, 24), (1, 1), (300, 100)] {
            let lines = BoardRenderer(width: width, height: height).lines(view)
            require(lines.count <= height, "a board is higher than the terminal")
        }
    }
}
