import Messages
import Testing

@testable import Murmuration

struct WorkerNameTests {
    private func name(
        _ variables: [String: String] = [:], host: String = "node3.cluster.example"
    ) -> String {
        WorkerName(variables: variables, host: host, process: 1234).text
    }

    @Test func `A process is named by its machine and its number`() {
        #expect(name() == "node3/1234")
        #expect(name(["MURMUR_WORKER": ""]) == "node3/1234")
    }

    @Test func `Whom murmur started has the number that it gave`() {
        #expect(name(["MURMUR_WORKER": "0"]) == "node3/0")
        #expect(name(["MURMUR_WORKER": "0", "SLURM_JOB_ID": "4711"]) == "node3:4711/0")
    }

    @Test(arguments: [
        ("node3", "node3"), ("10.0.0.3", "10.0.0.3"), ("", "localhost"), ("3.example", "3.example"),
        ("münchen.local", "münchen"),
    ])
    func `A machine is named without its domain, and an address is whole`(
        host: String, machine: String
    ) {
        #expect(name(host: host) == "\(machine)/1234")
    }

    @Test(arguments: [
        (["SLURM_JOB_ID": "4711"], "4711"),
        (
            [
                "SLURM_JOB_ID": "4714", "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "2",
            ], "4711[2]"
        ),
        (["SLURM_JOB_ID": "4714", "SLURM_ARRAY_JOB_ID": "4711"], "4714"),
        (["PBS_JOBID": "4711[2].server.example"], "4711[2]"),
        (["LSB_JOBID": "4711", "LSB_JOBINDEX": "0"], "4711"),
        (["LSB_JOBID": "4711", "LSB_JOBINDEX": "2"], "4711[2]"),
        (["LSB_JOBID": "4711"], "4711"),
        (["JOB_ID": "4711", "SGE_TASK_ID": "undefined"], "4711"),
        (["JOB_ID": "4711", "SGE_TASK_ID": "2"], "4711[2]"),
        (["SLURM_JOB_ID": "", "JOB_ID": "4711"], "4711"),
        (["SLURM_JOB_ID": "4711", "PBS_JOBID": "4712"], "4711"),
    ])
    func `A scheduler's job is in the name`(variables: [String: String], job: String) {
        #expect(name(variables) == "node3:\(job)/1234")
    }

    @Test func `The tasks of an array differ in their names`() {
        let names = (0..<4).map { task in
            name([
                "SLURM_JOB_ID": "47\(task)", "SLURM_ARRAY_JOB_ID": "4711",
                "SLURM_ARRAY_TASK_ID": "\(task)", "MURMUR_WORKER": "0",
            ])
        }
        #expect(Set(names).count == 4)
        #expect(names.last == "node3:4711[3]/0")
    }

    @Test(arguments: [
        (["OMPI_COMM_WORLD_RANK": "5"], "node3/5"),
        (["PMI_RANK": "5"], "node3/5"),
        (["SLURM_JOB_ID": "1", "SLURM_PROCID": "5", "SLURM_STEP_ID": "0"], "node3:1/5"),
        // In a batch script it says nothing of which process it is.
        (["SLURM_JOB_ID": "1", "SLURM_PROCID": "0"], "node3:1/1234"),
        (["MURMUR_WORKER": "a", "OMPI_COMM_WORLD_RANK": "5"], "node3/a"),
    ])
    func `The tasks that one command starts are told by their ranks`(
        variables: [String: String], name: String
    ) {
        #expect(self.name(variables) == name)
    }

    @Test func `A name is cut between characters, at the most that a coordinator takes`() {
        let long = name(["MURMUR_WORKER": String(repeating: "é", count: 200)], host: "h")
        #expect(long == "h/" + String(repeating: "é", count: 127))
        #expect(long.utf8.count == Limits.workerBytes)
        #expect("aéb".clipped(to: 2) == "a")
        #expect("aéb".clipped(to: 3) == "aé")
    }

    @Test func `This process has a name`() {
        let name = WorkerName.ofThisProcess
        #expect(!name.host.isEmpty)
        #expect(!name.text.contains("\0"))
    }
}
