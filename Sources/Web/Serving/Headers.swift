import HTTP

/// What each answer says of itself.
enum Headers {
    /// Nothing comes from elsewhere, nothing is inline, and nobody frames it.
    static let secure: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
            connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'
            """
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    static func plain(_ type: String, cache: String = "no-store") -> [(name: String, value: String)]
    {
        [("Content-Type", type), ("Cache-Control", cache)] + secure
    }

    static let json = plain("application/json; charset=utf-8")
    static let text = plain("text/plain; charset=utf-8")
    static let stream = plain("text/event-stream; charset=utf-8")

    /// A file that a browser saves.
    static func csv(_ name: String) -> [(name: String, value: String)] {
        plain("text/csv; charset=utf-8") + [
            ("Content-Disposition", "attachment; filename=\"\(name)\"")
        ]
    }
}
