import Foundation
import Messages
import Synchronization

/// The place of one worker: a text that stays the same when the worker is started again, wherever.
/// It is the worker's until that gives it up.
package final class WorkerPlace: Sendable {
    /// Empty for none.
    package let name: String
    private let isClaimed: Mutex<Bool>

    private init(_ name: String, isClaimed: Bool) {
        self.name = name
        self.isClaimed = Mutex(isClaimed)
    }

    static let none = WorkerPlace("", isClaimed: false)

    /// The place that is given, or that of the environment; none when there is none.
    ///
    /// The environment's belongs to one worker of this host at a time: whoever starts several
    /// processes, or makes several workers in one, has not given each a place.
    package static func choose(
        _ given: String? = nil, ranks: Ranks = .first,
        from variables: [String: String] = Environment.variables
    ) throws(MurmurationError) -> WorkerPlace {
        if let given { return WorkerPlace(try check(given), isClaimed: false) }
        guard var name = TaskPlace(variables: variables).text else { return none }
        if ranks == .each, let rank = Ranks.rank(in: variables) { name += "/\(rank)" }
        guard PlaceClaims.shared.claim(try check(name)) else { return none }
        return WorkerPlace(name, isClaimed: true)
    }

    package func giveUp() {
        let wasClaimed = isClaimed.withLock { isClaimed in
            defer { isClaimed = false }
            return isClaimed
        }
        if wasClaimed { PlaceClaims.shared.giveUp(name) }
    }

    deinit { giveUp() }

    private static func check(_ name: String) throws(MurmurationError) -> String {
        guard name.utf8.count <= Limits.placeBytes else {
            throw .tooLarge("A worker's place has at most \(Limits.placeBytes) bytes; shorten it.")
        }
        guard !name.utf8.contains(0) else {
            throw .invalid("A worker's place has no zero bytes; leave them out.")
        }
        return name
    }
}

/// What a scheduler, or whoever started the process, says of its place.
struct TaskPlace {
    static let variable = "MURMUR_PLACE"
    private static let namespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

    /// The environment of the process.
    let variables: [String: String]

    var text: String? { self[Self.variable] ?? ofSlurm ?? ofKubernetes }

    private subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private var ofSlurm: String? {
        var job = self["SLURM_JOB_ID"]
        if let array = self["SLURM_ARRAY_JOB_ID"], let index = self["SLURM_ARRAY_TASK_ID"] {
            job = "\(array)_\(index)"
        }
        guard let job else { return nil }
        var parts = ["slurm", self["SLURM_CLUSTER_NAME"], job].compactMap(\.self)
        // All that a batch script starts has the rank 0 of the script; only srun's steps have their
        // own.
        if let step = self["SLURM_STEP_ID"], let task = self["SLURM_PROCID"] {
            parts += [step, task]
        }
        return parts.joined(separator: "/")
    }

    /// The index of an indexed Job, whose pods are called JOB-INDEX. Another namespace may have a Job
    /// of the same name.
    private var ofKubernetes: String? {
        guard let index = self["JOB_COMPLETION_INDEX"], let host = self["HOSTNAME"],
            host.hasSuffix("-\(index)"),
            let namespace = try? String(contentsOfFile: Self.namespace, encoding: .utf8)
        else { return nil }
        return "kubernetes/\(namespace.trimmingCharacters(in: .whitespacesAndNewlines))/\(host)"
    }
}
