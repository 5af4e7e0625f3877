import Foundation
import Testing

@testable import Web

struct PageFilesTests {
    @Test func `The program has each file of the page, as it is in the folder`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Web/Page").standardized
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.contains(".") }
        #expect(PageFiles.all.map(\.name).sorted() == names.sorted())
        for (name, bytes) in PageFiles.all {
            let file = try Data(contentsOf: folder.appending(path: name))
            #expect(Data(bytes) == file, "\(name) is built anew by swift build")
        }
    }
}
