import ArgumentParser
import Murmuration

/// A member of a population: `[NAME] MEMBER`.
struct MemberChoice: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The population, which may be left out when there is only one, and the member.",
            valueName: "name-member"))
    var words: [String] = []

    /// `nil` for the only population.
    var name: String? { words.count > 1 ? words[0] : nil }

    /// - Throws: `ValidationError` without a member, and with more than a name and a member.
    func member() throws -> Int {
        guard (1...2).contains(words.count), let word = words.last else {
            throw ValidationError(
                words.isEmpty
                    ? "There is no member; give its number, as in `7` or `digits 7`."
                    : "There are \(words.count) names; give a population and one member.")
        }
        return try Self.member(word)
    }

    static func member(_ word: String) throws -> Int {
        guard let member = Int(word), member >= 0 else {
            throw ValidationError("'\(word)' is no member; members are numbered from 0.")
        }
        return member
    }
}
