import Foundation
import Messages

// An address may stand in a file. The coordinator writes it there when it starts, on whatever machine.
extension Address {
    /// Reads an address, or, of `file:PATH`, the one in a file, in which there may be nothing yet.
    package static func named(_ text: String) throws(AddressError) -> Address {
        guard text.lowercased().hasPrefix(filePrefix) else { return try Address(text) }
        var path = text.dropFirst(filePrefix.count)
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard !path.allSatisfy(\.isWhitespace) else {
            throw AddressError("The address \(filePrefix) names no file; add its path.")
        }
        var address = Address(host: "", port: 0)
        address.file = URL(filePath: String(path)).standardizedFileURL.path
        return try address.current()
    }

    /// What its file says now; this one when it is of no file, or nothing is there.
    ///
    /// - Throws: when something else than an address is in the file.
    package func current() throws(AddressError) -> Address {
        guard let file, let text = try Self.read(file), !text.isEmpty else { return self }
        var found: Address
        do throws(AddressError) {
            found = try Address(text)
        } catch {
            throw AddressError("The file \(file) holds no address: \(error)")
        }
        found.population = population ?? found.population
        found.file = file
        return found
    }

    /// - Returns: `nil` when there is no such file.
    private static func read(_ file: String) throws(AddressError) -> String? {
        // Nobody may write to what is a pipe.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOENT { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: mostBytes)
        let count = descriptor < 0 ? -1 : Foundation.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            throw AddressError(
                """
                The file \(file) of the address cannot be read (\(String(cString: strerror(errno)))); \
                correct its path, or let this user read it.
                """)
        }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw AddressError("The file \(file) holds no address, and no text; correct its path.")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Of an invitation to a population it is a tenth.
    private static let mostBytes = 4096
}
