/// What is in `Page`, by name. A test compares it with the folder.
enum PageFiles {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("index.html", PackageResources.index_html)
    ]
}
