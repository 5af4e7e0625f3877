import Histories

/// The best state, and how to use it.
struct BestAnswer: Encodable {
    var committed: UInt64
    var best: BestState
    /// For a shell.
    var command: String

    private enum CodingKeys: String, CodingKey { case committed, command }

    func encode(to encoder: any Encoder) throws {
        try best.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(committed, forKey: .committed)
        try container.encode(command, forKey: .command)
    }

    /// Names are of letters that a shell takes as they are; what a hostile coordinator sends may not be.
    static func command(_ population: String) -> String {
        let isPlain = population.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII
                && (character.isLetter || character.isNumber || "._-".contains(character))
        }
        let word =
            isPlain
            ? population : "'" + population.replacing("'", with: #"'\''"#) + "'"
        return #"cp "$(murmur best \#(word) --checkpoint)" ."#
    }
}
