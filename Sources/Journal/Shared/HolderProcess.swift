import Foundation

/// Which process has a data directory that hosts share: what the claim's file holds, for people and for
/// starts on the same machine.
struct HolderProcess: Equatable {
    /// Of the start.
    var token: String
    var host: String
    /// One start of a machine's kernel, and one space of process numbers there; `nil` where the system does
    /// not say.
    var machine: String?
    var process: Int32

    static func this(token: String) -> HolderProcess {
        HolderProcess(
            token: token, host: hostName(), machine: machine(), process: getpid())
    }

    var text: String { "\(token)\n\(host)\n\(machine ?? "")\n\(process)\n" }

    init(token: String, host: String, machine: String?, process: Int32) {
        (self.token, self.host, self.machine, self.process) = (token, host, machine, process)
    }

    /// - Returns: `nil` for what is no such text, as while it is written.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, let process = Int32(lines[3]) else { return nil }
        self.init(
            token: String(lines[0]), host: String(lines[1]),
            machine: lines[2].isEmpty ? nil : String(lines[2]), process: process)
    }

    /// For sentences.
    var description: String { "\(process) on \(host)" }

    /// Whether it was a process of this machine that is no more. Nothing but patience depends on it.
    var isGone: Bool {
        guard let machine, machine == Self.machine() else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    private static func machine() -> String? {
        let file = "/proc/sys/kernel/random/boot_id"
        guard let kernel = try? String(contentsOfFile: file, encoding: .utf8),
            let space = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/ns/pid")
        else { return nil }
        // Containers on one kernel may have names of their own.
        return "\(hostName()) \(kernel.trimmingCharacters(in: .whitespacesAndNewlines)) \(space)"
    }

    private static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        // One that does not fit is cut, and its end is there in any case.
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "an unknown host" }
        let name = bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return String(decoding: name, as: UTF8.self)
    }
}
