import Foundation
import Histories
import Logging
import Synchronization

/// Writes a log as lines for people: time, level, message and `key=value` pairs.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let output: LogFile

    init(_ output: LogFile, level: Logger.Level = .info) {
        self.output = output
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = metadata.merging(event.metadata ?? [:]) { $1 }
        output.write(
            Self.line(
                time: Date(), level: event.level, message: event.message.description,
                metadata: own.mapValues { "\($0)" }))
    }

    static func line(
        time: Date, level: Logger.Level, message: String, metadata: [String: String] = [:]
    ) -> String {
        let name = level.rawValue.padding(toLength: levelWidth, withPad: " ", startingAt: 0)
        let pairs = metadata.sorted { $0.key < $1.key }.map { "  \($0.key)=\(quoted($0.value))" }
        let text = Terminal.escaped(message) + pairs.joined()
        return "\(time.formatted(timeStyle)) \(name) \(text)\n"
    }

    /// No value can look like more pairs than its own.
    private static func quoted(_ value: String) -> String {
        let special: Set<Unicode.Scalar> = ["\"", "\\"]
        let isPlain = value.unicodeScalars.allSatisfy {
            !$0.properties.isWhitespace && !special.contains($0) && $0 != "="
        }
        guard value.isEmpty || !isPlain else { return Terminal.escaped(value) }
        return "\"" + Terminal.escaped(value.prefixing(special, with: "\\")) + "\""
    }

    private static let levelWidth = "critical".count
    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

/// Where log lines go.
final class LogFile: Sendable {
    private let descriptor: Int32
    private let isOwned: Bool
    /// Lines of several threads do not mix.
    private let turn = Mutex(())

    static let standardError = LogFile(descriptor: STDERR_FILENO, isOwned: false)

    private init(descriptor: Int32, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    /// Opens a file to append to.
    convenience init(path: String) throws {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw Self.link(path) }
            throw Failure(
                """
                The log file \(path) cannot be written; check its permissions and the space on \
                its disk.
                """)
        }
        self.init(descriptor: descriptor, isOwned: true)
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Why a log is not written whose name, which others know, is a link.
    static func link(_ path: String) -> Failure {
        Failure(
            "The log file \(path) is a symbolic link, and what it leads to would be written to; "
                + "remove the link.")
    }

    func write(_ line: String) {
        // A log that cannot be written has nowhere to say so.
        turn.withLock { _ in _ = OutputFile.write(line, to: descriptor) }
    }
}

extension Logger {
    init(label: String, to file: LogFile, level: Logger.Level = .info) {
        self.init(label: label, factory: { _ in LineLogHandler(file, level: level) })
    }
}
