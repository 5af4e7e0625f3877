import Foundation
import Histories

/// What an output can show.
struct Screen: Equatable, Sendable {
    /// It can be redrawn in place.
    var isTerminal: Bool
    var colour: Bool
    var glyphs: Glyphs

    init(isTerminal: Bool, environment: [String: String]) {
        // Nothing is known of a terminal without a name, and a dumb one can only print.
        let name = environment["TERM"] ?? ""
        self.isTerminal = isTerminal && !name.isEmpty && name != "dumb"
        colour = self.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
        glyphs = Self.isUnicode(environment) ? .unicode : .ascii
    }

    init(
        of descriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.init(isTerminal: isatty(descriptor) == 1, environment: environment)
    }

    /// The first of these variables that is set names the locale; when none is, it is C, which
    /// knows ASCII only.
    private static func isUnicode(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        let name = (locale ?? "C").lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }
}

/// The characters that a board is drawn with.
struct Glyphs: Equatable, Sendable {
    var full: Character
    var empty: Character
    /// Of a sparkline, from the lowest to the highest.
    var levels: [Character]
    var arrow: String
    var times: String
    /// Drawn anew.
    var anew: String
    var isASCII: Bool

    static let unicode = Glyphs(
        full: "█", empty: "░", levels: Array("▁▂▃▄▅▆▇█"), arrow: "→", times: "×", anew: "↻",
        isASCII: false)
    static let ascii = Glyphs(
        full: "#", empty: ".", levels: Array("_.-~=+*#"), arrow: "->", times: "x", anew: "new",
        isASCII: true)

    /// The text as it can be shown, in the same number of cells.
    func shown(_ text: String) -> String {
        guard isASCII, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return text.map { character in
            if character.isASCII { return String(character) }
            if character == Terminal.ellipsis { return "~" }
            return String(repeating: "?", count: Terminal.width(String(character)))
        }.joined()
    }
}
