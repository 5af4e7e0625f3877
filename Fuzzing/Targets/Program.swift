import Foundation

/// What reads bytes of others, by the name of its target. Whatever traps, hangs or takes gigabytes
/// is a finding; scripts/fuzz.sh runs them, and so do the tests beside them.
let fuzzTargets: [String: @Sendable ([UInt8]) throws -> Void] = [
    "authenticator": fuzzAuthenticator,
    "broadcast": fuzzBroadcast,
    "core": fuzzCore,
    "history": fuzzHistory,
    "journal": fuzzJournal,
    "record": fuzzRunRecord,
    "reply": fuzzReply,
    "space": fuzzSpace,
    "text": fuzzText,
]

private let target: @Sendable ([UInt8]) throws -> Void = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = fuzzTargets[name] else {
        let names = fuzzTargets.keys.sorted().joined(separator: ", ")
        print("There is no target “\(name)”; set FUZZ_TARGET to one of \(names).")
        exit(2)
    }
    return target
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try target(bytes)
    } catch {
        // Targets catch what may be thrown.
        fatalError("This must not be thrown: \(error)")
    }
    return 0
}

/// Fails when what must hold does not, also where the compiler leaves assertions out.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { fatalError("This must hold: \(what())") }
}
