import Coordinator
import Foundation
import Histories

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
        guard let file = PrivateFile(path: path) else {
            throw Failure(
                "The secret file \(path) cannot be read; check its path and its permissions.")
        }
        guard file.isPrivate else {
            throw Failure(
                "Others can read the secret file \(path); make it private: chmod 600 \(path).")
        }
        guard !file.text.isEmpty else {
            throw Failure(
                "The secret file \(path) is empty; fill it: murmur keys generate > \(path).")
        }
        return file.text
    }
}
