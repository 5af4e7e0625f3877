import Foundation
import ZeroMQ

/// What every process tells Prometheus, under the names that its client libraries use.
package struct ProcessMetrics: Sendable {
    private let start: Double

    /// - Parameter start: when the process began, or as good as.
    package init(start: Date = Date()) { self.start = start.timeIntervalSince1970 }

    /// - Parameter ports: where connections are accepted, by what for.
    package func families(ports: [(name: String, port: Int)]) -> [MetricFamily] {
        var files = MetricFamily("process_open_fds", .gauge, "Open files; each connection is one.")
        var limit = MetricFamily("process_max_fds", .gauge, "Open files at most.")
        var processor = MetricFamily(
            "process_cpu_seconds_total", .counter, "Processor time, of all threads.")
        var memory = MetricFamily(
            "process_resident_memory_bytes", .gauge, "Memory in use, without what is swapped out.")
        var began = MetricFamily(
            "process_start_time_seconds", .gauge, "When it began, in seconds since 1970 UTC.")
        var connections = MetricFamily(
            "murmur_connections", .gauge, "Connections that stand, by the port that they came to.")

        let counted = OpenFiles.count(atPorts: ports.map { UInt16(clamping: $0.port) })
        files.add(counted?.files)
        for (port, count) in zip(ports, counted?.connections ?? []) {
            connections.add(count, ("port", port.name))
        }
        limit.add(OpenFiles.limit)
        processor.add(Self.processorTime)
        memory.add(Self.residentBytes)
        began.add(start)
        return [connections, processor, files, limit, memory, began]
    }

    private static var processorTime: Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// `nil` where there is no /proc.
    private static var residentBytes: Int? {
        let pages = FileManager.default.contents(atPath: "/proc/self/statm")
            .map { String(decoding: $0, as: UTF8.self).split(separator: " ") }
        guard let pages, pages.count > 1, let resident = Int(pages[1]) else { return nil }
        return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
