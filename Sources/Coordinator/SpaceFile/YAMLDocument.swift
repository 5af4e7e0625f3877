import Yams

/// The nodes of a YAML text, which has no anchors, aliases and tags.
enum YAMLDocument {
    static func root(of text: String) throws(Mistake) -> Node {
        do throws(Mistake) {
            _ = try document(in: YAMLAliases.parted(text))
        } catch {
            throw Mistake(error.line, YAMLAliases.joined(error.reason))
        }
        // Now that the parser has met no alias, it makes no more nodes than there are letters.
        let (root, reference) = try document(in: text)
        if let reference { throw Self.reference(at: reference, in: text) }
        guard let root else {
            throw Mistake(nil, "The file is empty; describe at least one hyperparameter in it.")
        }
        return root
    }

    /// The only document's nodes, and where the first anchor or tag is.
    private static func document(
        in text: String
    ) throws(Mistake) -> (root: Node?, reference: Mark?) {
        do {
            // Scalars are read by `WrittenValue`; the resolver that knows nothing costs nothing.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            let root = try parser.singleRoot()
            // The nodes do not keep their anchors, but the parser does.
            return withExtendedLifetime(parser) { (root, root?.reference()) }
        } catch let error as YamlError {
            throw mistake(error, in: text)
        } catch {
            throw Mistake(nil, "The YAML cannot be read; check its brackets and indentation.")
        }
    }

    private static func reference(at mark: Mark, in text: String) -> Mistake {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
        let token = line.unicodeScalars.dropFirst(mark.column - 1)
            .prefix { !$0.properties.isWhitespace && !",[]{}".unicodeScalars.contains($0) }
        return Mistake(
            mark.line,
            """
            “\(String(token).prefix(20))” looks like an anchor, an alias or a tag, which a space file \
            does not have; write the value out, or put a text in quotes.
            """)
    }

    private static func mistake(_ error: YamlError, in text: String) -> Mistake {
        switch error {
        case .composer(_, "found undefined alias", let mark, _),
            .parser(_, "found undefined tag handle", let mark, _):
            return reference(at: mark, in: text)
        case .scanner(let context?, _, _, _) where unfinished.contains(context.text):
            return reference(at: context.mark, in: text)
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Mistake(mark.line, sentence(problem, in: text, line: mark.line))
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
            return Mistake(line, sentence(problem, in: text, line: line))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            return Mistake(
                repetition(of: key, at: context.mark, in: text) ?? context.mark.line,
                "“\(key.prefix(80))” is here twice; remove one or rename it.")
        default:
            return Mistake(nil, "The YAML cannot be read; check its brackets and indentation.")
        }
    }

    /// The line in which a key of a mapping comes again, which the parser does not say; `nil` when it
    /// does not begin one, as within braces.
    ///
    /// - Parameter first: Where it is first.
    private static func repetition(of key: String, at first: Mark, in text: String) -> Int? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let indentation = first.column - 1
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let written = line.drop { $0 == " " }
            guard let mark = written.first, mark != "#" else { continue }
            let spaces = line.count - written.count
            // The mapping is over.
            if spaces < indentation { return nil }
            guard spaces == indentation else { continue }
            let isKey = [key, "'\(key)'", "\"\(key)\""].contains { form in
                written.hasPrefix(form)
                    && written.dropFirst(form.count).drop { $0 == " " }.first == ":"
            }
            if isKey { return index + 1 }
        }
        return nil
    }

    /// What the parser was at when it found that an anchor, an alias or a tag is none after all.
    private static let unfinished = [
        "while scanning an anchor", "while scanning an alias", "while scanning a tag",
        "while parsing a tag",
    ]

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

/// Texts in which no alias can lead to an anchor, so that an alias is an error at which the parser
/// stops.
///
/// With few bytes, aliases make a document that takes for ever. Only the parser knows for certain
/// which letters in a text are one, and it follows them while it reads.
private enum YAMLAliases {
    /// Nothing else changes: neither what is a token, nor on which line it is.
    static func parted(_ text: String) -> String {
        var parted = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            parted.append(scalar)
            if scalar == "&" { parted.append("a") }
            if scalar == "*" { parted.append("b") }
        }
        return String(parted)
    }

    /// What was there before, where such a text is quoted.
    static func joined(_ text: String) -> String {
        text.replacing("&a", with: "&").replacing("*b", with: "*")
    }
}

extension Node {
    var line: Int? { mark?.line }

    /// Where the first node is that has an anchor or a tag.
    ///
    /// - Parameter isKey: it is in the name of an entry.
    fileprivate func reference(isKey: Bool = false) -> Mark? {
        if anchor != nil || isTagged(isKey: isKey) { return mark }
        for (key, value) in mapping.map(Array.init) ?? [] {
            let reference = key.reference(isKey: true) ?? value.reference(isKey: isKey)
            if let reference { return reference }
        }
        for node in sequence.map(Array.init) ?? [] {
            if let reference = node.reference(isKey: isKey) { return reference }
        }
        return nil
    }

    /// The parser gives texts in quotes a tag of their own, and whatever is in a key one when it
    /// looks for those that are there twice.
    private func isTagged(isKey: Bool) -> Bool {
        let (tag, usual): (Tag, Tag.Name) =
            switch self {
            case .scalar(let scalar): (scalar.tag, .str)
            case .sequence(let sequence): (sequence.tag, .seq)
            case .mapping(let mapping): (mapping.tag, .map)
            case .alias(let alias): (alias.tag, .implicit)
            }
        let isQuoted = scalar.map { $0.style != .plain } ?? false
        let name = Tag.Name(rawValue: tag.rawValue)
        return name != .implicit && !(name == usual && (isKey || isQuoted))
    }

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
