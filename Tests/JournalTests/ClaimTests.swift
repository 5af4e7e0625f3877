import Foundation
import Records
import TestSupport
import Testing

@testable import Journal

/// Who has a directory that hosts share.
struct ClaimTests {
    private let free = Claim(journal: "0123456789abcdef", holder: nil)
    private var held: Claim { free.taken(by: "fedcba9876543210") }

    @Test func `A claim is the name of its file`() {
        #expect(free.name == "0123456789abcdef.none.0")
        #expect(Claim(journal: nil, holder: nil).name == "none.none.0")
        for claim in [free, held, held.next, held.next.free, Claim(journal: nil, holder: nil)] {
            #expect(Claim(name: claim.name) == claim)
        }
        #expect(Set((0..<100).map { _ in Claim.token() }).count == 100)
    }

    @Test(arguments: [
        "", ".", "none.none", "none.none.", "none.none.x", "none.none.0.0", "look.0123456789abcdef",
        "0123456789abcdeF.none.0", "0123456789abcde.none.0", ".fuse_hidden0000000100000001",
    ])
    func `Other files in its directory are none`(name: String) {
        #expect(Claim(name: name) == nil)
    }

    @Test func `A directory that nobody has is taken at once`() {
        var watch = ClaimWatch()
        #expect(watch.look(at: free, isGone: false, now: .zero) == .take)
        #expect(watch.look(at: held, isGone: true, now: .zero) == .take)
    }

    @Test func `A claim that changes is left to its holder`() {
        var watch = ClaimWatch()
        #expect(watch.look(at: held, isGone: false, now: .seconds(5)) == .wait)
        #expect(watch.look(at: held, isGone: false, now: .seconds(6)) == .wait)
        #expect(watch.look(at: held.next, isGone: false, now: .seconds(7)) == .refuse)
    }

    @Test func `A claim that stays as it is for long enough is taken`() {
        var watch = ClaimWatch()
        let begin = Duration.seconds(100)
        #expect(watch.look(at: held, isGone: false, now: begin) == .wait)
        let almost = begin + ClaimWatch.patience - .milliseconds(1)
        #expect(watch.look(at: held, isGone: false, now: almost) == .wait)
        #expect(watch.look(at: held, isGone: false, now: begin + ClaimWatch.patience) == .take)
    }

    @Test func `Of two that take a claim one has it, and the other sees whose it is`() throws {
        let directory = try TemporaryDirectory()
        let folder = ClaimFolder(of: directory.path)
        try folder.makeIfMissing()
        try folder.makeIfMissing()
        let claim = try #require(try folder.claim(isFresh: true))
        #expect(claim == Claim(journal: nil, holder: nil))
        let (one, other) = (claim.taken(by: Claim.token()), claim.taken(by: Claim.token()))
        #expect(try folder.move(claim, to: one))
        #expect(try !folder.move(claim, to: other))
        // As when a file server does twice what it was told once.
        #expect(try folder.move(claim, to: one))
        #expect(try folder.claim(isFresh: true) == one)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [one.name])
    }

    @Test func `A process is gone when it was one of this machine, and is no more`() {
        let this = HolderProcess.this(token: "t")
        #expect(HolderProcess(text: this.text) == this)
        #expect(HolderProcess(text: String(this.text.dropLast())) == nil)
        #expect(!this.isGone)
        var other = this
        other.process = .max
        // Where the system does not say which machine this is, nobody knows.
        #expect(other.isGone == (this.machine != nil))
        other.machine = "another one"
        #expect(!other.isGone)
    }

    @Test func `File systems that hosts share are told from disks`() {
        #expect(SharedFileSystem.name(of: "/nowhere/at/all") == nil)
        #expect(SharedFileSystem.names[0x6969] == "NFS")
        #expect(SharedFileSystem.names[0xEF53] == nil)
    }
}
