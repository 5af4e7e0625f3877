import Testing

/// A test waited for this until its time was up.
package struct WaitedInVain: Error, CustomStringConvertible {
    package let what: String

    package var description: String { "It waited for \(what), until its time was up." }
}

/// Lets a moment pass in a loop that waits for something to come about in another thread or process.
///
/// It leaves the processors to whatever is waited for, where `Task.yield()` would take them.
///
/// - Parameter what: what the loop waits for, as an object of “It waited for …”.
/// - Throws: ``WaitedInVain``, when the test's time is up.
package func moment(
    waitingFor what: String, isolation: isolated (any Actor)? = #isolation
) async throws {
    do {
        try await Task.sleep(for: .milliseconds(1))
    } catch {
        throw WaitedInVain(what: what)
    }
}
