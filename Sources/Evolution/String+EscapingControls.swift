extension String {
    /// The text as people may be shown it, wherever it came from: what could steer a terminal,
    /// forge a line, turn the direction of writing or hide is written by its code, as `\u{1b}`.
    ///
    /// That is what Unicode has in the category "other" (controls, formats, private use and what is
    /// not assigned) and what separates lines and paragraphs. What comes out holds nothing more to
    /// escape.
    package var escapingControls: String {
        // Nearly all there is to show is plain.
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isControlling {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Whether it does something else, or may do so, than show what it is.
    package var isControlling: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            true
        default:
            false
        }
    }
}
