extension String {
    /// The text with a sign before each of these scalars, as quoted texts are written.
    ///
    /// A mark that follows one makes another character of both, and a reader of bytes still sees
    /// the scalar. So this looks at scalars, and not at characters.
    package func prefixing(_ scalars: Set<Unicode.Scalar>, with sign: Unicode.Scalar) -> String {
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalars.contains(scalar) { result.append(sign) }
            result.append(scalar)
        }
        return String(result)
    }
}
