"""A Slurm of the tests' own: its daemons are child processes, its two nodes are this machine."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from support.waiting import STOP_SECONDS, wait_until

from bench.ports import free_ports

PROGRAMS = (
    *("munged", "slurmctld", "slurmd", "setpriv"),
    *("sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun"),
)
NODES = {"n1": "a100", "n2": "v100"}
"""Each with the kind of a GPU that Slurm counts, and that nobody looks for."""
CPUS = 8
SRUN_PORTS = 20

# A job that was requeued waits as long as a credential lives (cred_expire), two minutes by default.
CONFIGURATION = """
ClusterName=murmuration
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={directory}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/%n
SlurmdPidFile={directory}/%n.pid
SlurmctldPidFile={directory}/slurmctld.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
GresTypes=gpu
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=30
SrunPortRange={srun}-{last_srun}
"""
# The first node is taken first.
NODE = (
    "NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
    "Weight={weight} Feature={name} Gres=gpu:{kind}:1\n"
)
GPU = "NodeName={name} Name=gpu Type={kind} File=/dev/null\n"
PARTITIONS = """
PartitionName=main Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
"""
PARTITION_OF_KIND = "PartitionName={kind} Nodes={name} PriorityTier=1 PreemptMode=REQUEUE\n"


def find(name: str) -> str | None:
    # Daemons are where only root looks.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def missing() -> list[str]:
    """What keeps a Slurm from being started here."""
    return [name for name in PROGRAMS if find(name) is None]


@dataclass
class Slurm:
    """It can be used once `start` returns, and leaves no process behind when `stop` does."""

    directory: Path
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def configuration(self) -> Path:
        return self.directory / "slurm.conf"

    @property
    def environment(self) -> dict[str, str]:
        """What has the commands of Slurm find this one."""
        return {**os.environ, "SLURM_CONF": str(self.configuration)}

    def start(self) -> None:
        self._configure()
        options = {"key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        key = self.directory / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        self._launch(
            "munged",
            *("munged", "--foreground", f"--socket={self.directory}/munge.socket"),
            *(f"--{option}={self.directory}/munge.{end}" for option, end in options.items()),
        )
        wait_until(self._has_socket, self._output)
        self._launch("slurmctld", "slurmctld", "-D", "-f", str(self.configuration))
        for node in NODES:
            self._launch(node, "slurmd", "-D", "-N", node, "-f", str(self.configuration))
        wait_until(self._is_idle, self._output)

    def _has_socket(self) -> bool:
        assert self.daemons["munged"].poll() is None, self._output()
        return (self.directory / "munge.socket").exists()

    def _is_idle(self) -> bool:
        assert all(daemon.poll() is None for daemon in self.daemons.values()), self._output()
        return self._attempt("sinfo", "-h", "-o", "%D/%t").stdout.strip() == f"{len(NODES)}/idle"

    def run(self, *command: str) -> str:
        """Runs a command that this Slurm answers, and returns what it printed."""
        done = self._attempt(*command)
        assert done.returncode == 0, f"`{' '.join(command)}` failed: {done.stderr}"
        return done.stdout

    def _attempt(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=STOP_SECONDS
        )

    def queue(self, job: str) -> list[str]:
        """The tasks of a job that wait, run or end, and how each does: `4711_0 RUNNING n1`."""
        done = self._attempt("squeue", "-h", "-r", f"--jobs={job}", "-o", "%i %T %N")
        assert done.returncode == 0 or "Invalid job id" in done.stderr, done.stderr
        return [line.strip() for line in done.stdout.splitlines()]

    def lose(self, node: str) -> None:
        """Ends what Slurm has running on a node, but for the jobs themselves, and gives it up."""
        self.daemons[node].kill()
        self.daemons[node].wait(STOP_SECONDS)
        for number, environment in self._processes():
            if f"SLURMD_NODENAME={node}" in environment.split("\0"):
                _kill(_parent(number), only="slurmstepd")
        self.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=lost")

    def stop(self) -> None:
        for daemon in self.daemons.values():
            daemon.kill()
            daemon.wait(STOP_SECONDS)
        # Jobs outlive the daemons, and are known by the configuration that they were given. One of
        # them may just start another process.
        while found := [number for number, _ in self._processes()]:
            for number in found:
                _kill(number)

    def _processes(self) -> Iterator[tuple[int, str]]:
        """All that were started under this Slurm, with their environments."""
        for directory in Path("/proc").iterdir():
            if not directory.name.isdigit() or int(directory.name) == os.getpid():
                continue
            with suppress(OSError):
                environment = (directory / "environ").read_text(errors="replace")
                if f"SLURM_CONF={self.configuration}" in environment.split("\0"):
                    yield int(directory.name), environment

    def _configure(self) -> None:
        port = free_ports(1 + len(NODES) + SRUN_PORTS)
        srun = port + 1 + len(NODES)
        text = CONFIGURATION.format(
            directory=self.directory,
            user=getpass.getuser(),
            port=port,
            srun=srun,
            last_srun=srun + SRUN_PORTS - 1,
        )
        partitions, gpus = PARTITIONS, ""
        for number, (node, kind) in enumerate(NODES.items(), 1):
            text += NODE.format(name=node, kind=kind, port=port + number, cpus=CPUS, weight=number)
            partitions += PARTITION_OF_KIND.format(name=node, kind=kind)
            gpus += GPU.format(name=node, kind=kind)
            (self.directory / node).mkdir()
        self.configuration.write_text(text + partitions)
        (self.directory / "gres.conf").write_text(gpus)
        (self.directory / "state").mkdir()

    def _launch(self, name: str, program: str, *arguments: str) -> None:
        found = find(program)
        assert found is not None
        # It ends with this process, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", "--", found, *arguments]
        with (self.directory / f"{name}.out").open("ab") as out:
            self.daemons[name] = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def _output(self) -> str:
        files = sorted(self.directory.glob("*.out"))
        return "Slurm runs" + "".join(f"\n{file}:\n{file.read_text()}" for file in files)


def _parent(number: int) -> int:
    with suppress(OSError):
        # What stands in brackets, the program's name, may have spaces.
        return int(Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def _kill(number: int, only: str = "") -> None:
    with suppress(OSError):
        if only in Path(f"/proc/{number}/cmdline").read_text():
            os.kill(number, signal.SIGKILL)
