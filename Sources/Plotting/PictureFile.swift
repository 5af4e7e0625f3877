import Foundation
import Histories

/// A file that a picture is written to. The ending of its name says in which format.
package struct PictureFile: Equatable {
    package let path: String
    package let format: Format

    package enum Format: String, CaseIterable {
        case svg, png
    }

    package init(_ path: String) throws(Failure) {
        self.path = path
        guard let format = Format(rawValue: URL(filePath: path).pathExtension.lowercased()) else {
            throw Failure(
                "\(Terminal.escaped(path)) does not say a format; let it end in .svg or .png.")
        }
        self.format = format
    }

    /// Writes all of the picture, or leaves what was there.
    package func write(_ svg: String) async throws {
        let data =
            switch format {
            case .svg: Data(svg.utf8)
            case .png: try await Rasterizer.find().png(of: svg)
            }
        do {
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure(
                """
                The picture cannot be written to \(Terminal.escaped(path)); check that its \
                directory exists, may be written to, and has space.
                """)
        }
    }
}
