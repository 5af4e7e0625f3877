/// Hostile requests to a coordinator with three small populations: it answers each with a message
/// that a client reads, and what it has in memory is what is in its journal.
func fuzzCore(_ bytes: [UInt8]) throws {
    var host = try Host()
    for (message, command) in Session(bytes).prefix(Host.mostMessages) {
        if !message.isEmpty || bytes.isEmpty { host.receive(message) }
        if command != .join { try host.finishTurn() }
        try host.follow(command)
    }
    try host.finishTurn()
    try host.check()
}
