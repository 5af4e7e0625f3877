import Foundation

/// Prints what was measured, as one line.
func printAsJSON(_ outcome: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    say(String(decoding: try encoder.encode(outcome), as: UTF8.self))
}

/// Prints a line that whoever started this reads at once.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// What this process spent on processors, in seconds.
func ownProcessorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
