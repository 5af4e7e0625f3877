import Journal

extension Archive {
    /// Copies the journal of a data directory to a new file, also while its coordinator runs.
    ///
    /// - Returns: how many events are in the copy, and its size.
    /// - Throws: what keeps it from being copied; then nothing is left behind.
    package static func backUp(
        directory: String, to file: String
    ) throws -> (events: Int, bytes: Int) {
        let backup = try Backup(directory: directory, file: file)
        return (backup.events, backup.bytes)
    }
}
