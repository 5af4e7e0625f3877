import Foundation
import Messages

/// What names a worker on boards unless its user does: the machine, a scheduler's job within which
/// it runs, and which of the workers there it is, as in `node3:4711[2]/0`.
struct WorkerName {
    /// The environment of the process.
    let variables: [String: String]
    /// As the system has it.
    let host: String
    let process: Int32

    var text: String {
        let job = job.map { ":\($0)" } ?? ""
        return "\(machine)\(job)/\(number)".clipped(to: Limits.workerBytes)
    }

    private subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Without its domain, which the machines of a cluster share.
    private var machine: String {
        guard !host.isEmpty else { return "localhost" }
        let label = String(host.prefix { $0 != "." })
        // Of an address, a part says nothing.
        return label.allSatisfy { ("0"..."9").contains($0) } ? host : label
    }

    private var job: String? {
        // Each task of an array has another SLURM_JOB_ID.
        if let array = self["SLURM_ARRAY_JOB_ID"], let task = self["SLURM_ARRAY_TASK_ID"] {
            return "\(array)[\(task)]"
        }
        if let job = self["SLURM_JOB_ID"] { return job }
        // What follows the dot is the server.
        if let job = self["PBS_JOBID"] { return String(job.prefix { $0 != "." }) }
        if let job = self["LSB_JOBID"] { return job + index("LSB_JOBINDEX", none: "0") }
        if let job = self["JOB_ID"] { return job + index("SGE_TASK_ID", none: "undefined") }
        return nil
    }

    private func index(_ name: String, none: String) -> String {
        guard let index = self[name], index != none else { return "" }
        return "[\(index)]"
    }

    private var number: String {
        // A batch script has a SLURM_PROCID too, which all that it starts inherit.
        let task = self["SLURM_STEP_ID"].flatMap { _ in self["SLURM_PROCID"] }
        return self[Environment.worker] ?? self["OMPI_COMM_WORLD_RANK"] ?? self["PMI_RANK"] ?? task
            ?? String(process)
    }
}

extension WorkerName {
    static var ofThisProcess: WorkerName {
        WorkerName(
            variables: Environment.variables, host: hostName,
            process: ProcessInfo.processInfo.processIdentifier)
    }

    /// Foundation's may ask name servers.
    private static var hostName: String {
        // Longer than any name that a system takes.
        let length = 1025
        var name = [CChar](repeating: 0, count: length)
        guard gethostname(&name, length) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension String {
    /// As many of its characters from the beginning as have at most so many bytes of UTF-8.
    func clipped(to bytes: Int) -> String {
        var rest = bytes
        let kept = unicodeScalars.prefix { scalar in
            rest -= UTF8.width(scalar)
            return rest >= 0
        }
        return String(kept)
    }
}
