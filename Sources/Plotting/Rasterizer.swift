import Foundation
import Histories
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program of this machine that makes a PNG of an SVG.
package struct Rasterizer: Equatable {
    package let tool: Tool
    package let path: String

    /// In the order in which they are taken: how well they draw, then how fast they start.
    package enum Tool: String, CaseIterable {
        case rsvg = "rsvg-convert"
        case inkscape
        case chromium
        case chromiumBrowser = "chromium-browser"
        case chrome = "google-chrome"
        case magick
        case convert
    }

    /// The first of the programs that is installed.
    package static func find(
        searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
    ) throws -> Rasterizer {
        let directories = (searchPath ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        for tool in Tool.allCases {
            let candidates = directories.map { "\($0)/\(tool.rawValue)" }
            if let path = candidates.first(where: Self.isProgram) {
                return Rasterizer(tool: tool, path: path)
            }
        }
        throw Failure(
            """
            No program that draws a PNG is on PATH; install librsvg (apt-get install \
            librsvg2-bin, or brew install librsvg), or let the file end in .svg.
            """)
    }

    private static func isProgram(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }

    /// The picture with twice as many pixels as it has user units.
    package func png(of svg: String) async throws -> Data {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "murmur-plot-\(UUID().uuidString)")
        let (source, target) = (
            directory.appending(path: "plot.svg"), directory.appending(path: "plot.png")
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
            try Data(svg.utf8).write(to: source)
        } catch {
            throw Failure(
                """
                The picture cannot be written to \(directory.path) for \(tool.rawValue); set \
                TMPDIR to a directory with space, or let the file end in .svg.
                """)
        }
        let size = Size(svg)
        let isOver = try await run(tool.arguments(source.path, target.path, size: size))
        guard isOver, let data = FileManager.default.contents(atPath: target.path),
            data.starts(with: Self.signature)
        else {
            throw Failure(
                """
                \(path) could not draw the picture; install librsvg (apt-get install \
                librsvg2-bin, or brew install librsvg), or let the file end in .svg.
                """)
        }
        return data
    }

    /// - Returns: whether the program ended well, and in time.
    private func run(_ arguments: [String]) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    .path(FilePath(path)), arguments: .init(arguments), input: .none,
                    output: .discarded, error: .discarded)
                return result.terminationStatus == .exited(0)
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return false
            }
            // Leaving the group ends the program if it still runs.
            let isOver = try await group.next() ?? false
            group.cancelAll()
            return isOver
        }
    }

    private static let patience = Duration.seconds(60)
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The size that a picture says it has.
    package struct Size: Equatable {
        package var width: Int
        package var height: Int

        package init(_ svg: String) {
            let numbers = svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/)
            width = numbers.flatMap { Double($0.1) }.map { Int($0.rounded(.up)) } ?? 0
            height = numbers.flatMap { Double($0.2) }.map { Int($0.rounded(.up)) } ?? 0
        }
    }
}

extension Rasterizer.Tool {
    /// How the program is told to draw with twice the resolution.
    package func arguments(_ source: String, _ target: String, size: Rasterizer.Size) -> [String] {
        switch self {
        case .rsvg:
            ["--zoom", "2", "--output", target, source]
        case .inkscape:
            ["--export-type=png", "--export-dpi=192", "--export-filename=\(target)", source]
        case .chromium, .chromiumBrowser, .chrome:
            ["--headless", "--disable-gpu"]
                // The sandbox does not work for root, and all that is shown is this picture.
                + (geteuid() == 0 ? ["--no-sandbox"] : [])
                + [
                    "--hide-scrollbars", "--force-device-scale-factor=2",
                    "--window-size=\(size.width),\(size.height)", "--screenshot=\(target)",
                    "file://\(source)",
                ]
        case .magick, .convert:
            ["-density", "192", source, target]
        }
    }
}
