import ArgumentParser
import Histories

/// The GPUs that workers share: worker i gets the one at i modulo their number.
struct GPUs: Hashable {
    /// As `CUDA_VISIBLE_DEVICES` names them.
    let devices: [String]

    /// Reads a number of GPUs (`4`) or a list of them (`0,2,3`; a list of one is `2,`).
    ///
    /// - Parameter visible: `CUDA_VISIBLE_DEVICES` of this process: a number counts within it.
    init(_ text: String, visible: String?) throws {
        var names = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingSpaces }
        if names.count > 1, names.last == "" { names.removeLast() }
        if !text.contains(","), let count = Int(text) {
            guard count > 0 else {
                throw Failure("--gpus \(text) leaves no GPU; leave the option out for none.")
            }
            guard count <= Self.most else {
                throw Failure(
                    "--gpus \(count) is more than any machine has; ask for \(Self.most) at most.")
            }
            let own = visible?.split(separator: ",").map { $0.trimmingSpaces } ?? []
            guard own.isEmpty || count <= own.count else {
                throw Failure(
                    """
                    --gpus \(count) asks for more than the \(own.count) GPUs that \
                    CUDA_VISIBLE_DEVICES names; ask for fewer.
                    """)
            }
            devices = own.isEmpty ? (0..<count).map(String.init) : Array(own.prefix(count))
            return
        }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) else {
            throw Failure("--gpus \(text) names no GPU; write a number of them, or 0,1,2.")
        }
        guard Set(names).count == names.count else {
            throw Failure("--gpus \(text) names a GPU twice; name each once.")
        }
        devices = names
    }

    /// More than any machine has.
    private static let most = 1024

    func device(_ worker: Int) -> String { devices[worker % devices.count] }
}

extension StringProtocol {
    var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
