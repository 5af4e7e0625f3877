import Coordinator
import Foundation
import Journal
import Logging
import Records
import TestSupport
import Testing
import ZeroMQ

@testable import Coordinator

/// The keys by which a coordinator that invites proves itself, and lets its owner in.
struct ServerKeysTests {
    @Test func `It is made once, private, and found again`() throws {
        let directory = try TemporaryDirectory()
        let made = try ServerKeys.open(in: directory.path)
        #expect(try ServerKeys.open(in: directory.path) == made)
        let other = try TemporaryDirectory()
        #expect(try ServerKeys.open(in: other.path) != made)
        let path = directory.path + "/" + ServerKeys.fileName
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
    }

    @Test(arguments: [0o640, 0o604, 0o644])
    func `One that others can read is refused`(mode: Int) throws {
        let directory = try TemporaryDirectory()
        _ = try ServerKeys.open(in: directory.path)
        let path = directory.path + "/" + ServerKeys.fileName
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: CoordinatorError.self) {
            try ServerKeys.open(in: directory.path)
        }
        #expect(error?.description.contains("chmod 600") == true)
    }

    @Test(arguments: [
        "", "short", String(repeating: "=", count: 43), String(repeating: "A", count: 43),
        Array(repeating: String(repeating: "A", count: 43), count: 3).joined(separator: "\n"),
    ])
    func `One that is damaged is refused`(text: String) throws {
        let directory = try TemporaryDirectory()
        try PrivateFile.store(text, at: directory.path + "/" + ServerKeys.fileName)
        let error = #expect(throws: CoordinatorError.self) {
            try ServerKeys.open(in: directory.path)
        }
        #expect(error?.description.contains("damaged") == true)
    }

    @Test func `An empty one is damaged rather than unreadable`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file(ServerKeys.fileName, "")
        #expect(chmod(path, 0o600) == 0)
        let error = #expect(throws: CoordinatorError.self) {
            try ServerKeys.open(in: directory.path)
        }
        #expect(error?.description.contains("is damaged; restore it") == true)
    }

    @Test func `A new private file takes the place of nothing`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/guest"
        for name in [path, path + ".new"] {
            try Data("precious".utf8).write(to: URL(filePath: name))
        }
        #expect(throws: CocoaError.self) { try PrivateFile.create("secret", at: path) }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: path + ".elsewhere")
        #expect(throws: CocoaError.self) { try PrivateFile.create("secret", at: path) }
        try FileManager.default.removeItem(atPath: path)
        try PrivateFile.create("secret", at: path)
        let file = try #require(PrivateFile(path: path))
        #expect(file.text == "secret" && file.isPrivate)
        #expect(try String(contentsOfFile: path + ".new", encoding: .utf8) == "precious")
    }

    @Test func `A configuration prints no secret`() {
        let configuration = Coordinator.Configuration(data: "d", secret: "hunter2hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `A journal with invitations whose key file is missing lets nobody in without keys`()
        throws
    {
        let directory = try TemporaryDirectory()
        let journal = try Journal(directory: directory.path, access: .write)
        try journal.commit([
            .key(
                KeyRecord(
                    publicKey: [UInt8](repeating: 1, count: 32), role: .worker, populations: ["p"],
                    label: "", created: 1, expires: nil, quota: .usual(for: .worker)))
        ])
        _ = consume journal
        for isInsecure in [false, true] {
            var configuration = Coordinator.Configuration(data: directory.path, secret: nil)
            configuration.port = 0
            configuration.isInsecure = isInsecure
            let error = #expect(throws: CoordinatorError.self) { _ = try Loop(configuration) }
            #expect(error?.description.contains("server.key is missing") == true)
        }
        var configuration = Coordinator.Configuration(data: directory.path, secret: nil)
        configuration.port = 0
        configuration.invitations = true
        _ = try Loop(configuration)
        #expect(ServerKeys.isThere(in: directory.path))
    }

    @Test
    func `Beyond this machine there must be keys, or it is said out loud that there are none`()
        throws
    {
        let directory = try TemporaryDirectory()
        func check(
            _ host: String, secret: String? = nil, insecure: Bool = false, inviting: Bool = false
        ) throws {
            var configuration = Coordinator.Configuration(data: directory.path, secret: secret)
            configuration.host = host
            configuration.isInsecure = insecure
            try Sockets.check(configuration, isInviting: inviting)
        }
        try check("127.0.0.1")
        try check("0.0.0.0", secret: "0123456789abcdefghijkl")
        try check("0.0.0.0", inviting: true)
        try check("0.0.0.0", insecure: true)
        #expect(throws: CoordinatorError.self) { try check("0.0.0.0") }
        #expect(throws: CoordinatorError.self) { try check("0.0.0.0", secret: "short") }
        #expect(throws: CoordinatorError.self) {
            try check("0.0.0.0", secret: "short", inviting: true)
        }
        #expect(throws: CoordinatorError.self) {
            try check("0.0.0.0", secret: "0123456789abcdefghijkl", insecure: true)
        }
        #expect(throws: CoordinatorError.self) {
            try check("0.0.0.0", insecure: true, inviting: true)
        }
    }
}
