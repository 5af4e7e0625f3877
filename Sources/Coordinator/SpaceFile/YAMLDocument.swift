import Yams

/// The nodes of a YAML text. What a space file has no use for is refused before it is parsed.
enum YAMLDocument {
    static func root(of text: String) throws(Mistake) -> Node {
        if let (line, token) = reference(in: text) {
            throw Mistake(
                line,
                """
                “\(token)” looks like an anchor, an alias or a tag, which a space file does not \
                have; write the value out.
                """)
        }
        let root: Node?
        do {
            // Scalars are read by `WrittenValue`; the resolver that knows nothing costs nothing.
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw mistake(error, in: text)
        } catch {
            throw Mistake(nil, "The YAML cannot be read; check its brackets and indentation.")
        }
        guard let root else {
            throw Mistake(nil, "The file is empty; describe at least one hyperparameter in it.")
        }
        return root
    }

    /// An anchor, an alias or a tag: with few bytes, aliases make a document that takes for ever.
    ///
    /// It looks at the letters alone, and so finds some that are in a text; but it misses none.
    private static func reference(in text: String) -> (line: Int, token: String)? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            var rest = withoutComment(line.unicodeScalars)
            var before: Unicode.Scalar = " "
            // Scalars, not characters: a mark that combines with a letter must not hide it.
            while let scalar = rest.first {
                let token = rest
                rest.removeFirst()
                if isReference(scalar), canPrecedeToken(before),
                    let next = rest.first, !next.properties.isWhitespace
                {
                    let shown = token.prefix { !$0.properties.isWhitespace }.prefix(20)
                    return (index + 1, String(shown))
                }
                before = scalar
            }
        }
        return nil
    }

    private static func isReference(_ scalar: Unicode.Scalar) -> Bool {
        "&*!".unicodeScalars.contains(scalar)
    }

    private static func canPrecedeToken(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "[]{},:?-\"'".unicodeScalars.contains(scalar)
    }

    /// A # begins a comment for certain on a line on which no quotes open or close.
    private static func withoutComment(
        _ line: Substring.UnicodeScalarView
    ) -> Substring.UnicodeScalarView {
        let content = line.drop(while: \.properties.isWhitespace)
        if content.first == "#" { return content.prefix(0) }
        if content.contains(where: { $0 == "\"" || $0 == "'" }) { return content }
        var before: Unicode.Scalar = " "
        for index in content.indices {
            if content[index] == "#", before.properties.isWhitespace { return content[..<index] }
            before = content[index]
        }
        return content
    }

    private static func mistake(_ error: YamlError, in text: String) -> Mistake {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Mistake(mark.line, sentence(problem, in: text, line: mark.line))
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
            return Mistake(line, sentence(problem, in: text, line: line))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            return Mistake(
                context.mark.line, "“\(key.prefix(80))” is here twice; remove one or rename it.")
        default:
            return Mistake(nil, "The YAML cannot be read; check its brackets and indentation.")
        }
    }

    private static func sentence(_ problem: String, in text: String, line: Int?) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if let line, lines.indices.contains(line - 1),
            lines[line - 1].prefix(while: \.isWhitespace).contains("\t")
        {
            return "The line is indented with a tab, which YAML does not allow; use spaces."
        }
        if problem == "but found another document" {
            return "A second document begins here; keep only the first."
        }
        return "This is not YAML (\(problem)); check the brackets, quotes and indentation here."
    }
}

extension Node {
    var line: Int? { mark?.line }

    /// What a sentence calls it.
    var noun: String {
        switch self {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: scalarValue?.noun ?? "an alias"
        }
    }

    /// `nil` when it is a list or a mapping.
    var scalarValue: WrittenValue? {
        guard let scalar else { return nil }
        return scalar.style == .plain
            ? WrittenValue(plain: scalar.string) : WrittenValue(quoted: scalar.string)
    }
}
