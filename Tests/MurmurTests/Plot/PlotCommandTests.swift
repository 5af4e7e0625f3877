import Foundation
import Murmuration
import Subprocess
import TestSupport
import Testing

@testable import Histories
@testable import Plotting
@testable import murmur

/// `murmur plot` itself, with a coordinator of its own.
@Suite(.timeLimit(.minutes(5)))
final class PlotCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func murmur(_ arguments: String...) async throws -> (
        code: TerminationStatus, output: String, error: String
    ) {
        try await RunningMurmur.once(arguments, in: directory)
    }

    private static let space = """
        population_size: 6
        max_steps: 12
        hyperparameters:
          rate: {type: float, min: 0.01, max: 1, scale: log}
          act: {type: choice, values: [relu, tanh]}
        """

    @Test func `A population is drawn while it is served, and when it is not`() async throws {
        _ = try directory.file("space.yaml", Self.space)
        let coordinator = try await RunningMurmur(
            ["serve", "--port", "0", "--data", "data"], in: directory)
        _ = try await coordinator.line("Serving at murmur://127.0.0.1:")
        let made = try await murmur("create", "toy", "--space", "space.yaml", "--data", "data")
        try #require(made.code == .exited(0), "\(made.error)")

        let early = try await murmur("plot", "--data", "data", "--out", "early.svg")
        #expect(early.code == .exited(1))
        #expect(
            early.error
                == "Error: Nothing was reported in 'toy' yet; plot it when a worker has trained.\n")
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/early.svg"))

        let url = try String(contentsOfFile: directory.path + "/data/url", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await train(url: url)
        let served = try await murmur("plot", "toy", "--data", "data", "--out", "served.svg")
        #expect(served.output.hasPrefix("Wrote served.svg: 6 members · "))
        #expect(try await coordinator.end(SIGTERM) == .exited(0))

        let board = try Leaderboard(
            json: try await murmur("leaderboard", "--data", "data", "--json").output)
        let kept = try await murmur("plot", "--data", "data", "--out", "kept.SVG")
        #expect(kept.code == .exited(0))
        let svg = try text("kept.SVG")
        #expect(svg == (try text("served.svg")))
        #expect(svg.ranges(of: "class=\"panel\"").count == 3)
        #expect(svg.ranges(of: "class=\"line\"").count == 6 * 3)
        #expect(svg.ranges(of: "class=\"exploit\"").count == board.summary.exploits * 3)
        #expect(board.summary.exploits > 0)

        let loss = try await murmur(
            "plot", "--data", "data", "--out", "loss.svg", "--metric", "loss", "--title", "A & B")
        #expect(loss.code == .exited(0))
        #expect(try text("loss.svg").contains("A &amp; B"))
        #expect(try text("loss.svg").contains("data-name=\"loss\""))
    }

    /// Trains until there is nothing more.
    private func train(url: String) async throws {
        let worker = try await Worker.join(url: url, name: "test")
        while true {
            let step = worker.targetStep
            let directive = try await worker.report(
                step: step, score: Double(step + worker.member),
                checkpoint: "/c/\(worker.member)-\(step)", metrics: ["loss": 1 / Double(step)])
            if directive.action == .stop { return }
        }
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory.path + "/" + name, encoding: .utf8)
    }

    @Test(arguments: [
        (["plot", "--out", "x.pdf"], Int32(64), "x.pdf does not say a format"),
        (["plot", "--out", "svg"], 64, "svg does not say a format"),
        (["plot"], 64, "--out"),
        (["plot", "--data", "none", "--out", "x.svg"], 1, "There is no directory none"),
    ])
    func `Mistakes are told in one sentence`(
        arguments: [String], code: Int32, sentence: String
    ) async throws {
        let result = try await RunningMurmur.once(arguments, in: directory)
        #expect(result.code == .exited(code))
        #expect(result.error.contains(sentence), "\(result.error)")
    }

    @Test func `A file that cannot be written is told, and what was there stays`() async throws {
        let file = try PictureFile(directory.path + "/none/x.svg")
        let failure = await #expect(throws: Failure.self) { try await file.write("<svg/>") }
        #expect(failure?.description.contains("cannot be written to") == true)
        let path = try directory.file("x.svg", "before")
        try await PictureFile(path).write("<svg/>")
        #expect(try text("x.svg") == "<svg/>")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["x.svg"])
    }

    @Test func `The program that draws a PNG is the first that is on PATH`() throws {
        let missing = #expect(throws: Failure.self) {
            try Rasterizer.find(searchPath: directory.path)
        }
        #expect(missing?.description.contains("or let the file end in .svg") == true)
        for name in ["magick", "chromium"] {
            let path = try directory.file(name, "#!/bin/sh\n")
            #expect(chmod(path, 0o755) == 0)
        }
        let found = try Rasterizer.find(searchPath: directory.path)
        #expect(found == Rasterizer(tool: .chromium, path: directory.path + "/chromium"))
    }

    @Test func `A program that draws nothing is told`() async throws {
        let path = try directory.file("rsvg-convert", "#!/bin/sh\nexit 0\n")
        #expect(chmod(path, 0o755) == 0)
        let rasterizer = try Rasterizer.find(searchPath: directory.path)
        let failure = await #expect(throws: Failure.self) {
            try await rasterizer.png(of: "<svg viewBox=\"0 0 10 20\"/>")
        }
        #expect(failure?.description.contains("could not draw the picture") == true)
    }

    @Test func `A PNG is what the program made of the picture`() async throws {
        let script = "#!/bin/sh\nprintf '\\211PNG\\r\\n\\032\\n' >\"$4\"; cat \"$5\" >>\"$4\"\n"
        let path = try directory.file("rsvg-convert", script)
        #expect(chmod(path, 0o755) == 0)
        let data = try await Rasterizer.find(searchPath: directory.path).png(of: "<svg/>")
        #expect(data.suffix(6) == Data("<svg/>".utf8))
        #expect(Rasterizer.Size("<svg viewBox=\"0 0 760 912.5\">").height == 913)
    }
}
