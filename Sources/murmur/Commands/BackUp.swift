import ArgumentParser
import Coordinator
import Histories

struct BackUp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a coordinator's journal to a file.",
        discussion: """
              murmur backup murmuration-data monday.sqlite

            The coordinator may run meanwhile, and goes on; the copy is of one moment. Only you \
            may read it. A journal is all that a coordinator needs, so a copy is served like this:

              mkdir -m 700 restored
              cp monday.sqlite restored/journal.sqlite
              murmur check restored
              murmur serve --data restored

            To put it in the place of a journal that is there, move journal.sqlite, \
            journal.sqlite-wal and journal.sqlite-shm of that one away before.

            It goes on where the population was when it was copied. Checkpoints are not in a \
            journal, which has only their addresses; those released since may be gone.

            Where others were invited (murmur invite), copy the file server.key as well, and keep it \
            secret: without it their invitations are worth nothing. Keys that were revoked after the \
            copy was made are let in there again, until they are revoked again.
            """)

    @Argument(
        help: "The coordinator's data directory, or that of its runs (the newest is taken).")
    var dir: String

    @Argument(help: "The new file; it must not exist.")
    var file: String

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("FILE is empty; name a new file.") }
    }

    func run() throws {
        let directory = try DataDirectory.named(dir)
        let copy = try Archive.backUp(directory: directory, to: file)
        let events = NumberText.count(copy.events, "event")
        let bytes = NumberText.count(copy.bytes, "byte")
        StandardOutput.say(
            done: "Copied the journal of \(directory) to \(file): \(events), \(bytes).")
    }
}
