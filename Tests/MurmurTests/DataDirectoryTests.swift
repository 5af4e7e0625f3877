import Foundation
import TestSupport
import Testing

@testable import murmur

struct DataDirectoryTests {
    @Test(arguments: [
        (ENOENT, ENOENT, true, "There is no directory d; name another."),
        (ENOENT, 0, true, "There is no journal in d; name another."),
        (
            ENOENT, 0, false,
            """
            The directory d cannot be looked into, because this user may not; make it and those above \
            it accessible, or be the user who started the coordinator.
            """
        ),
        (
            EACCES, 0, true,
            """
            The directory d cannot be looked into, because this user may not; make it and those above \
            it accessible, or be the user who started the coordinator.
            """
        ),
        (
            ENAMETOOLONG, ENAMETOOLONG, false,
            "The path d is longer than this system takes; name a shorter one."
        ),
        (ENOTDIR, 0, true, "d is not a directory; name another."),
        (
            ELOOP, ELOOP, false,
            """
            The directory d cannot be looked into (\(String(cString: strerror(ELOOP)))); check its \
            disk, or name another one.
            """
        ),
    ])
    func `Each reason why no journal is found has its sentence`(
        code: Int32, directory: Int32, isReadable: Bool, sentence: String
    ) {
        let failure = DataDirectory.absence(
            in: "d", code: code, directory: directory, isReadable: isReadable,
            remedy: "name another.")
        #expect(failure.description == sentence)
    }

    @Test func `The reason is the system's`() throws {
        let directory = try TemporaryDirectory()
        func sentence(_ path: String) -> String {
            "\(DataDirectory.absence(in: path, remedy: "name another."))"
        }
        let path = directory.path
        #expect(sentence(path) == "There is no journal in \(path); name another.")
        #expect(sentence(path + "/none") == "There is no directory \(path)/none; name another.")
        try Data().write(to: URL(filePath: path + "/file"))
        #expect(sentence(path + "/file") == "\(path)/file is not a directory; name another.")
        let long = path + "/" + String(repeating: "a", count: 300)
        #expect(sentence(long).contains("is longer than this system takes"))
    }

    @Test func `A run of somebody else's is not a directory without a journal`() throws {
        let directory = try TemporaryDirectory()
        let run = directory.path + "/0001"
        try FileManager.default.createDirectory(
            atPath: run, withIntermediateDirectories: false)
        // What leads to itself cannot be followed by anybody, as what is another user's by others.
        try FileManager.default.createSymbolicLink(
            atPath: run + "/journal.sqlite", withDestinationPath: run + "/journal.sqlite")
        let failure = DataDirectory.absence(in: directory.path, remedy: "name another.")
        #expect(failure.description.hasPrefix("The directory \(run) cannot be looked into ("))
    }
}
