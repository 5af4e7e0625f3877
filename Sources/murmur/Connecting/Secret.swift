import Foundation

/// The secret that a coordinator serves with.
enum Secret {
    static let variable = "MURMUR_SECRET"

    /// From the file, or else from the environment.
    static func find(
        file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String? {
        if let file { return try read(file) }
        return environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func read(_ path: String) throws -> String {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path)
        guard let attributes, let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                "The secret file \(path) cannot be read; check its path and its permissions.")
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value ?? 0
        guard mode & othersBits == 0 else {
            throw Failure(
                "Others can read the secret file \(path); make it private: chmod 600 \(path).")
        }
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            throw Failure(
                "The secret file \(path) is empty; fill it: murmur keys generate > \(path).")
        }
        return text
    }

    private static let othersBits: UInt16 = 0o077
}
