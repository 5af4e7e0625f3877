import Foundation
import Messages

@testable import Coordinator
@testable import Evolution
@testable import ZeroMQ
@testable import murmur

/// Texts of one line that people write or pass on: addresses, secrets, and values of options.
func fuzzText(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    if let address = try? Address(text) {
        require((try? Address(address.text)) == address, "\(address) is read as another address")
        _ = (address.endpoint, address.isLoopback)
    }
    _ = (SharedSecret(text).isWeak, try? Key(bytes))
    if let time = try? Duration(text: text) { _ = time.shortText }
    if let gpus = try? GPUs(text, visible: nil) { _ = gpus.device(7) }
    _ = try? GPUs("2", visible: text)
    _ = try? MemberChoice.member(text)
    _ = RunNumber.next(after: RunNumber.newest(of: [text]))
}

/// The text of a space file, CSV or YAML: its canonical form is read as the same, and members stay
/// within the space.
func fuzzSpace(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    for source in ["", "s.csv", "s.yaml"] {
        let specification: Specification
        do throws(SpaceFileError) {
            specification = try SpaceFile.parse(text: text, source: source)
        } catch {
            require(!error.description.isEmpty, "a refusal says why")
            continue
        }
        let canonical = SpaceFile.render(specification)
        let read = try SpaceFile.parse(text: canonical, source: "s.yaml")
        require(read == specification, "it is read as another one:\n\(canonical)")
        for member in 0..<3 { explore(specification, member: member) }
    }
}

private func explore(_ specification: Specification, member: Int) {
    var draws = Draws(seed: specification.seed, member: member, report: 1)
    var values = specification.initialHyperparameters(of: member)
    for _ in 0..<3 {
        for (hyperparameter, value) in zip(specification.space.hyperparameters, values) {
            require(hyperparameter.domain.contains(value), "\(value) in \(hyperparameter)")
        }
        require(specification.space.keeps(values), "\(values) break a constraint")
        values =
            specification.space.explored(from: values) {
                specification.exploration.explore(values, in: specification.space, &draws)
            }.0
    }
}

/// What libzmq asks about a connection. A frame ends at each 0xFE.
func fuzzAuthenticator(_ bytes: [UInt8]) throws {
    let frames = bytes.split(separator: 0xFE, omittingEmptySubsequences: false).map(Array.init)
    let gate = try gate.get()
    let reply = gate.authenticator.answer(frames)
    require(reply.count == 6, "a reply has six frames")
    let isAllowed = reply[2] == Array("200".utf8)
    let isKnown =
        frames.last == Gate.key && frames.count > 2 && frames[2] == Array(Gate.domain.utf8)
    require(!isAllowed || isKnown, "only a known key is let in, and in its domain")
}

private final class Gate {
    static let key = Array(repeating: UInt8(ascii: "k"), count: Key.length)
    static let domain = "murmuration"

    var authenticator: Authenticator
    private let context: Context

    init() throws {
        context = try Context()
        var authenticator = try Authenticator(in: context)
        authenticator.allow(try Key(Self.key), as: "worker", in: Self.domain)
        self.authenticator = authenticator
    }
}

// libFuzzer calls targets on one thread.
nonisolated(unsafe) private let gate = Result { try Gate() }

/// What a run's directory says about the run.
func fuzzRunRecord(_ bytes: [UInt8]) throws {
    guard let record = try? RunRecord.decode(Data(bytes)) else { return }
    let read = try RunRecord.decode(record.encoded())
    require(read == record, "a record is read as another one: \(record)")
    var other = record.options
    other.settings["interval"] = 7
    _ = record.options.differences(to: other)
}
