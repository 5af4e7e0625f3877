import Foundation
import Testing

@testable import Simulation

/// What the targets once failed with or get far with, the wire's vectors, and small changes of each,
/// the same ones every time. scripts/fuzz.sh has libFuzzer look for others.
@Suite(.timeLimit(.minutes(10)))
struct CorpusTests {
    @Test(arguments: fuzzTargets.keys.sorted())
    func `Nothing traps on inputs that are known, nor on small changes of them`(
        target: String
    ) async throws {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) { [target = target as String] in
            let run = try #require(fuzzTargets[target])
            for input in try Input.all(of: target) {
                FileHandle.standardError.write(Data("\(input.name)\n".utf8))
                try run(input.bytes)
                for change in input.changes() { try run(change) }
            }
        }
        guard let result, result.exitStatus != .exitCode(EXIT_SUCCESS) else { return }
        let said = String(decoding: result.standardErrorContent, as: UTF8.self)
        Issue.record("\(target) fails with what it names last, or a change of it: \(said)")
    }
}

private struct Input {
    let name: String
    let bytes: [UInt8]

    private static let root = URL(filePath: #filePath)
        .appending(path: "../../..").standardized
    private static let cuts = 3
    private static let swaps = 3

    static func all(of target: String) throws -> [Input] {
        let corpus = try files(in: "Fuzzing/Corpus/\(target)").map { file in
            Input(name: file.lastPathComponent, bytes: [UInt8](try Data(contentsOf: file)))
        }
        try #require(!corpus.isEmpty)
        return try corpus + vectors(for: target)
    }

    /// Those of the wire, as sessions of one message.
    private static func vectors(for target: String) throws -> [Input] {
        struct Vector: Decodable {
            struct Tail: Decodable {
                let hex: String
                let count: Int
            }
            let message: String
            let hex: String
            let `repeat`: Tail?
        }
        let targets = [
            "Request": ["core"], "Reply": ["reply", "history"], "Broadcast": ["broadcast"],
        ]
        return try files(in: "Tests/Vectors/wire").compactMap { file in
            let vector = try JSONDecoder().decode(Vector.self, from: Data(contentsOf: file))
            guard try #require(targets[vector.message]).contains(target) else { return nil }
            let tail = vector.repeat.map { Array(repeating: bytes($0.hex), count: $0.count) } ?? []
            return Input(name: file.lastPathComponent, bytes: bytes(vector.hex) + tail.joined())
        }
    }

    private static func files(in directory: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: root.appending(path: directory), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Cut off at some places, and with another byte at some.
    func changes() -> [[UInt8]] {
        guard !bytes.isEmpty else { return [] }
        let seed = name.utf8.reduce(UInt64(bytes.count)) { $0 &* 31 &+ UInt64($1) }
        var generator = SeededGenerator(seed: seed)
        let cut = (0..<Self.cuts).map { _ in
            Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
        }
        let swapped = (0..<Self.swaps).map { _ in
            var other = bytes
            other[Int.random(in: 0..<bytes.count, using: &generator)] =
                UInt8.random(in: 0...255, using: &generator)
            return other
        }
        return cut + swapped
    }
}
