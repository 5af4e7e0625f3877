import Foundation
import Messages
import Testing

@testable import Murmuration

struct ReleasesTests {
    @Test func `A release is named until a report that names it is answered`() {
        var releases = Releases()
        for number: UInt64 in [4, 5, 4] { releases.deal(with: number) }
        #expect(releases.dealtWith == [4, 5])
        releases.acknowledged([4])
        #expect(releases.dealtWith == [5])
    }

    @Test func `Only what lies inside of the directory is deleted`() throws {
        let root = try Directory()
        for path in ["in/a", "in/deep/b", "in/model/weights", "out/c", "inside/d"] {
            try root.write(path)
        }
        let directory = try ReleasedDirectory(root.url.appending(path: "in"))
        for path in [
            "in/a", "in/deep/b", "in/model", "in/missing", "in/nowhere/x",
            "out/c", "in/../out/c", "in/.", "in/deep/..", "inside/d", "in",
        ] {
            #expect(directory.delete(root.path(path)), "\(path)")
        }
        #expect(root.all == ["in", "in/deep", "inside", "inside/d", "out", "out/c"])
    }

    @Test(arguments: ["a", "file:///in/a", "s3://bucket/a", "/", ""])
    func `An address that is no path of this machine is left alone`(address: String) throws {
        let root = try Directory()
        try root.write("a")
        #expect(try ReleasedDirectory(root.url).delete(address))
        #expect(root.all == ["a"])
    }

    @Test func `Links are followed to the directory, and a link that is a checkpoint is not`()
        throws
    {
        let root = try Directory()
        for path in ["real/a", "real/b", "out/c", "out/d"] { try root.write(path) }
        try root.link("in", to: "real")
        try root.link("real/away", to: "out")
        try root.link("real/latest", to: "out/d")
        try root.link("other", to: "real")
        let directory = try ReleasedDirectory(root.url.appending(path: "in"))
        #expect(directory.delete(root.path("in/a")))
        #expect(directory.delete(root.path("other/b")))
        #expect(directory.delete(root.path("in/away/c")))
        #expect(directory.delete(root.path("in/latest")))
        #expect(root.all == ["in", "other", "out", "out/c", "out/d", "real", "real/away"])
    }

    @Test func `What cannot be deleted is not dealt with`() throws {
        let root = try Directory()
        // Not even an administrator has files with longer names than the disk allows.
        let name = String(repeating: "x", count: 300)
        #expect(try !ReleasedDirectory(root.url).delete(root.path(name)))
    }

    @Test func `A directory is a file URL`() throws {
        let url = try #require(URL(string: "https://example.org/checkpoints"))
        #expect(throws: MurmurationError.self) { try ReleasedDirectory(url) }
    }
}

/// A temporary directory with files in it.
private final class Directory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "murmuration-\(UUID().uuidString)")
            .resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.path + "/" + name }

    func write(_ name: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(name.utf8).write(to: file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: path(name), withDestinationPath: path(target))
    }

    /// All that is in it, without following links.
    var all: [String] {
        (FileManager.default.subpaths(atPath: url.path) ?? []).sorted()
    }
}
