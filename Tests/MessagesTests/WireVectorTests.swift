import Evolution
import Foundation
import Messages
import SwiftProtobuf
import Testing

/// The wire as it was and is, for ever: `Tests/Vectors/wire`.
struct WireVectorTests {
    @Test("Each vector means what it says", arguments: WireVector.all)
    func meaning(_ vector: WireVector) throws {
        switch vector.message {
        case "Request": try check(WireRequest.self, vector)
        case "Reply": try check(WireReply.self, vector)
        case "Broadcast": try check(WireBroadcast.self, vector)
        default: Issue.record("\(vector.message) is not an envelope")
        }
    }

    @Test("Each report is taken or refused as its vector says", arguments: WireVector.reports)
    func report(_ vector: WireVector) throws {
        let request = try WireRequest(frame: vector.frame)
        let code = codeThrown { () throws(WireError) in
            _ = try Report(request.report, member: 0, space: .vectors)
        }
        #expect(code == vector.error)
    }

    @Test(
        "Each part of a history is asked for or refused as its vector says",
        arguments: WireVector.histories)
    func history(_ vector: WireVector) throws {
        let request = try WireRequest(frame: vector.frame)
        let code = codeThrown { () throws(WireError) in _ = try request.getHistory.checkedPart() }
        #expect(code == vector.error)
    }

    @Test(
        "Every body of every envelope has a vector",
        arguments: [
            (
                "Request",
                """
                hello join report decline leave heartbeat createPopulation listPopulations \
                getLeaderboard getHistory getSchedule changePopulation subscribe invite listKeys \
                revokeKey
                """
            ),
            (
                "Reply",
                """
                error welcome directive left alive population populations leaderboard history \
                schedule subscribed broadcast invited keys key
                """
            ),
            ("Broadcast", "leaderboard lineage"),
        ])
    func coverage(message: String, bodies: String) {
        let covered = WireVector.all.filter { $0.message == message }.flatMap(\.meaningKeys)
        #expect(Set(covered).isSuperset(of: bodies.split(separator: " ").map(String.init)))
    }

    private func check<E: Envelope>(_ type: E.Type, _ vector: WireVector) throws {
        let frame = vector.frame
        guard let meaning = vector.meaning else {
            #expect(codeThrown { () throws(WireError) in _ = try E(frame: frame) } == vector.error)
            return
        }
        let message = try E(frame: frame)
        let expected = try E(jsonString: meaning)
        #expect(try message.jsonString() == expected.jsonString())
        // What this code writes, it reads back as the same.
        #expect(try E(frame: expected.bytes).jsonString() == expected.jsonString())
    }
}

/// - Returns: the code that was thrown, by name.
func codeThrown(_ body: () throws(WireError) -> Void) -> String? {
    do throws(WireError) {
        try body()
        return nil
    } catch {
        return error.code.name
    }
}

/// One file of `Tests/Vectors/wire`; its README says what the keys mean.
struct WireVector: Sendable, CustomTestStringConvertible {
    var name: String
    var message: String
    var frame: [UInt8]
    /// The meaning as JSON.
    var meaning: String?
    var meaningKeys: [String]
    var error: String?

    var testDescription: String { name }

    static let all: [WireVector] = {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/wire")
        do {
            return try FileManager.default
                .contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }
                .map { try WireVector(file: $0) }
                .sorted { $0.name < $1.name }
        } catch {
            fatalError("The vectors cannot be read: \(error)")
        }
    }()

    static let reports = all.filter { $0.meaningKeys.contains("report") }
    static let histories = all.filter { $0.meaningKeys.contains("getHistory") }

    private init(file: URL) throws {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        guard let object = json as? [String: Any], let name = object["name"] as? String,
            let message = object["message"] as? String, let hex = object["hex"] as? String,
            let bytes = Self.bytes(hex: hex), name == file.deletingPathExtension().lastPathComponent
        else { throw Unreadable(file: file.lastPathComponent) }
        self.name = name
        self.message = message
        frame = bytes
        if let repetition = object["repeat"] as? [String: Any] {
            guard let hex = repetition["hex"] as? String, let bytes = Self.bytes(hex: hex),
                let count = repetition["count"] as? Int
            else { throw Unreadable(file: file.lastPathComponent) }
            frame += repeatElement(bytes, count: count).joined()
        }
        let meaning = object["meaning"] as? [String: Any]
        meaningKeys = meaning.map { Array($0.keys) } ?? []
        self.meaning = try meaning.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        error = object["error"] as? String
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    struct Unreadable: Error { var file: String }
}

extension SearchSpace {
    /// The space that the vectors' reports are for.
    static let vectors = make([
        Hyperparameter(name: "learning_rate", domain: .number(1e-4...1e-1, .log)),
        Hyperparameter(name: "layers", domain: .integer(1...8, .linear)),
        Hyperparameter(name: "activation", domain: .choice([.text("relu"), .text("tanh")])),
        Hyperparameter(name: "batch_norm", domain: .choice([.flag(false), .flag(true)])),
    ])

    static func make(_ hyperparameters: [Hyperparameter]) -> SearchSpace {
        do {
            return try SearchSpace(hyperparameters)
        } catch {
            fatalError("A test's search space is wrong: \(error)")
        }
    }
}
