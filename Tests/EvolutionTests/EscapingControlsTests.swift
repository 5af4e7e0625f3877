import Evolution
import Foundation
import Testing

/// How texts of others are shown; `Tests/Vectors/shown.json` holds for Python too.
struct EscapingControlsTests {
    struct Vector: Decodable, CustomTestStringConvertible {
        var text: String
        var shown: String

        var testDescription: String { shown }

        static let all: [Vector] = {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../Vectors/shown.json")
            do {
                return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
            } catch {
                fatalError("The vectors cannot be read: \(error)")
            }
        }()
    }

    @Test(arguments: Vector.all)
    func `A text is shown as its vector says, and what is shown stays as it is`(vector: Vector) {
        #expect(vector.text.escapingControls == vector.shown)
        #expect(vector.shown.escapingControls == vector.shown)
    }

    @Test func `Of all there is, nothing that is shown steers`() {
        var leaks: [Unicode.Scalar] = []
        for number in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(number) else { continue }
            let shown = String(scalar).escapingControls
            if shown.unicodeScalars.contains(where: \.isControlling) { leaks.append(scalar) }
        }
        #expect(leaks.isEmpty)
    }
}
