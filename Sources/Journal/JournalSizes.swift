import Foundation

/// What a journal takes on its disk, and what is free there, in bytes. `nil` is what the system does
/// not tell.
package struct JournalSizes: Hashable, Sendable {
    package let file: Int?
    package let log: Int?
    /// For the user that this process runs as.
    package let free: Int?

    package init(directory: String) {
        let path = directory + "/" + Journal.fileName
        file = Self.bytes(of: path)
        log = Self.bytes(of: JournalFiles.log(of: path))
        var disk = statvfs()
        free = statvfs(directory, &disk) == 0 ? Int(disk.f_bavail) * Int(disk.f_frsize) : nil
    }

    private static func bytes(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}
