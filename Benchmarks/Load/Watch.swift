import CEpoll
import Glibc

/// Waits for thousands of sockets at once, where polling would look at each of them every time.
struct Watch: ~Copyable {
    private let epoll: CInt
    private var numbers = [UInt32](repeating: 0, count: Int(BENCH_MOST_EVENTS))

    init() throws {
        epoll = epoll_create1(0)
        guard epoll >= 0 else { throw LoadError("epoll cannot be had (errno \(errno)).") }
    }

    deinit { close(epoll) }

    /// Has a file reported under a number for as long as it is readable.
    func add(_ file: CInt, number: Int) throws {
        guard bench_epoll_add(epoll, file, UInt32(number)) == 0 else {
            throw LoadError("A socket cannot be watched (errno \(errno)).")
        }
    }

    /// Calls `body` with the numbers of what becomes readable within a time.
    mutating func wait(milliseconds: Int, _ body: (Int) throws -> Void) throws {
        let count = bench_epoll_wait(epoll, &numbers, CInt(milliseconds))
        guard count >= 0 else { throw LoadError("Waiting failed (errno \(errno)).") }
        for number in numbers.prefix(Int(count)) { try body(Int(number)) }
    }
}

/// Nanoseconds of a clock that nobody sets.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
