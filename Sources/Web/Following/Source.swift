import Murmuration

/// Finds a page's coordinator: one that runs, or the directory of one that does not.
package protocol Source: Sendable {
    /// - Throws: why it can neither be asked nor read now.
    func open() async throws -> OpenSource
}

/// What answers as a coordinator does.
package struct OpenSource: Sendable {
    /// As people are shown it, without a secret.
    package var url: String?
    package var data: String?
    /// Its broadcast; `nil` for a directory, in which nothing happens.
    package var monitor: (@Sendable (_ population: String) throws -> Monitor)?
    /// The coordinator of a directory runs after all.
    package var isOver: @Sendable () -> Bool
    package var questions: @Sendable () -> Questions
    package var close: @Sendable () async -> Void

    package init(
        url: String?, data: String?, monitor: (@Sendable (String) throws -> Monitor)?,
        isOver: @escaping @Sendable () -> Bool = { false },
        questions: @escaping @Sendable () -> Questions,
        close: @escaping @Sendable () async -> Void = {}
    ) {
        self.url = url
        self.data = data
        self.monitor = monitor
        self.isOver = isOver
        self.questions = questions
        self.close = close
    }

    var isLive: Bool { monitor != nil }
}
