import Foundation
import TestSupport
import Testing

@testable import murmur

struct SilenceWatchTests {
    private var watch = SilenceWatch(timeout: .seconds(3))
    private let mark = Date(timeIntervalSince1970: 1_700_000_000)

    private mutating func looks(_ marks: [String: Date], count: Int = 1) -> [Bool] {
        (0..<count).map { _ in watch.isSilent(marks, after: .seconds(1)) }
    }

    @Test mutating func `A training is silent when its mark has stood for that long`() {
        #expect(looks(["7-a": mark], count: 4) == [false, false, false, true])
    }

    @Test mutating func `Each report begins anew`() {
        for second in 0..<9 {
            #expect(looks(["7-a": mark + Double(second)], count: 3) == [false, false, false])
        }
    }

    @Test mutating func `Who waits for the coordinator is not silent`() {
        for _ in 0..<9 {
            #expect(looks(["7-a": mark], count: 2) == [false, false])
            #expect(looks([:]) == [false])
        }
    }

    @Test mutating func `One of several is enough`() {
        #expect(looks(["7-a": mark]) == [false])
        #expect(looks(["7-a": mark, "8-b": mark], count: 2) == [false, false])
        #expect(looks(["7-a": mark + 1, "8-b": mark], count: 2) == [false, true])
    }

    @Test func `A mark of a process that has died is none`() throws {
        let directory = try TemporaryDirectory()
        let marks = try TrainingMarks(directory.path + "/marks")
        _ = try directory.file("marks/\(getpid())-a", "")
        // No process has so high a number.
        _ = try directory.file("marks/\(Int32.max)-b", "")
        _ = try directory.file("marks/text", "")
        #expect(Array(marks.read().keys) == ["\(getpid())-a"])
        #expect(try TrainingMarks(directory.path + "/marks").read().isEmpty)
    }
}
