/// The bounds of what a server takes on. Whatever goes beyond one is ended.
package struct HTTPLimits: Sendable {
    /// Connections at the same time; a further one is told so and closed.
    package var connections = 2048
    /// The lines of a request.
    package var headBytes = 16 * 1024
    /// From the first byte of a request, or from the connection's beginning, to its last line.
    package var head = Duration.seconds(10)
    /// Between two requests over one connection.
    package var idle = Duration.seconds(60)
    /// How long a reader may take nothing of what is written to it.
    package var reading = Duration.seconds(20)

    package init() {}
}
