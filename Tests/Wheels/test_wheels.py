"""The wheels in dist/, as somebody has them who has no Swift; make test-wheels builds them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from isolation import Machine

REPOSITORY = Path(__file__).resolve().parents[2]
DIST = REPOSITORY / "dist"
MOST_BYTES = 35 * 1024 * 1024


def wheel(name: str) -> Path:
    found = list(DIST.glob(f"{name}-*.whl"))
    assert len(found) == 1, f"make wheels puts one {name} into dist/, and {len(found)} are there"
    return found[0]


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A virtual environment with nothing but the wheels, on a machine without Swift."""
    home = tmp_path_factory.mktemp("home")
    environment = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip: list[str | Path] = [environment / "bin/python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, wheel("murmuration"), wheel("murmuration_server")], check=True)
    # Both, of one version, are what the extra names.
    subprocess.run([*pip, "--find-links", DIST, "murmuration[server,sklearn]"], check=True)
    return Machine(home, [environment / "bin"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "Examples", tmp_path / "Examples")
    return tmp_path


def test_swift_and_the_libraries_are_not_there(machine: Machine) -> None:
    # Otherwise the other tests would show nothing.
    assert machine.run("sh", "-c", "command -v swift").returncode != 0
    load = "import ctypes; ctypes.CDLL('libzmq.so.5')"
    assert machine.run("/usr/bin/env", "python3", "-c", load).returncode != 0


def test_the_program_needs_nothing_but_glibc(machine: Machine) -> None:
    done = machine.run("sh", "-c", 'ldd "$(command -v murmur)"')
    needed = {line.split()[0] for line in done.stdout.splitlines()}
    glibc = r"(linux-vdso|libc|libm|libdl|libpthread|librt|.*/ld-linux[^/]*)\.so\.\d+"
    assert [name for name in needed if not re.fullmatch(glibc, name)] == []


def test_the_wheel_is_small_and_brings_the_licences_of_what_is_in_it() -> None:
    server = wheel("murmuration_server")
    assert server.stat().st_size <= MOST_BYTES
    with zipfile.ZipFile(server) as archive:
        names = archive.namelist()
        licences = {Path(name).stem for name in names if "/licenses/" in name}
        assert {
            *("swift", "swift-protobuf", "swift-argument-parser", "swift-collections"),
            *("GRDB.swift", "Yams", "libzmq", "libsodium", "sqlite", "libstdc++", "libunwind"),
        } <= licences
        assert all(archive.read(name) for name in names if "/licenses/" in name)
    shared = {name.partition(".data/data/share/")[2] for name in names}
    assert {
        *("man/man1/murmur.1", "man/man1/murmur-run.1", "zsh/site-functions/_murmur"),
        *("bash-completion/completions/murmur", "fish/vendor_completions.d/murmur.fish"),
    } <= shared


def test_the_package_says_which_program_it_has(machine: Machine) -> None:
    done = machine.run("python", "-m", "murmuration")
    assert done.returncode == 0, done.stderr
    assert str(machine.path[0] / "murmur") in done.stdout
    assert machine.run("murmur", "--version").stdout.strip() in done.stdout


def test_who_follows_the_readme_trains(machine: Machine, tmp_path: Path) -> None:
    readme = (REPOSITORY / "README.md").read_text()
    files = re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```', readme, re.M | re.S)
    assert {name for name, _ in files} == {"toy.yaml", "train.py"}
    for name, text in files:
        (tmp_path / name).write_text(text)
    command = re.search(r"^\$ (murmur run .*)$", readme, re.M)
    assert command is not None
    done = machine.run("sh", "-c", command[1], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Finished: 8 members, " in done.stdout
    best = machine.run("murmur", "best", "--checkpoint", cwd=tmp_path)
    assert best.returncode == 0, best.stderr
    assert Path(best.stdout.strip()).is_file()


def test_the_digits_are_trained_to_their_end(machine: Machine, folder: Path) -> None:
    options = "--workers 2 --population-size 4 --max-steps 40 --space Examples/digits.yaml"
    done = machine.run(
        *("murmur", "run", *options.split(), "--", "python", "Examples/digits.py"), cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Finished: 4 members, " in done.stdout
    assert machine.run("murmur", "check", "runs/0001", cwd=folder).returncode == 0


TEN_CLIENTS = """
import threading
from pathlib import Path
from murmuration import PBTClient, PBTServer

Path("space.csv").write_text("lr,0.0001,0.1,log\\n")
server = PBTServer(0, None, True, data="data")

def train(number):
    client = PBTClient("127.0.0.1", server.port, None, "space.csv")
    for step in range(5):
        Path(f"{number}-{step}").touch()
        client.save(f"{number}-{step}", number + step)
        if client.should_exploit():
            client.exploit()
            client.explore()

clients = [threading.Thread(target=train, args=(number,)) for number in range(10)]
for client in clients:
    client.start()
for client in clients:
    client.join()
server.shut_down()
"""


def test_a_server_for_ten_clients(machine: Machine, tmp_path: Path) -> None:
    done = machine.run("python", "-c", TEN_CLIENTS, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    history = machine.run("murmur", "history", "--csv", "--data", "data", cwd=tmp_path)
    assert len(history.stdout.splitlines()) == 1 + 10 * 5


def test_the_simulator_runs(machine: Machine) -> None:
    done = machine.run("murmur", "simulate", "--seeds", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20 seeds passed: ")


# ------------------------------------------------------------------------------- odd machines


def test_without_proc_it_works(machine: Machine, folder: Path) -> None:
    options = "--workers 2 --population-size 2 --max-steps 20 --space Examples/digits.yaml"
    done = machine.run(
        *("murmur", "run", *options.split(), "--", "python", "Examples/digits.py"),
        cwd=folder,
        before="mount -t tmpfs none /proc",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Finished: 2 members, " in done.stdout


def test_on_a_root_that_is_read_only_it_says_so_or_works_elsewhere(
    machine: Machine, folder: Path
) -> None:
    options = "--workers 1 --population-size 2 --max-steps 20 --space Examples/digits.yaml"
    command = ("murmur", "run", *options.split(), "--", "python", "Examples/digits.py")
    read_only = f"mount --bind '{folder}' '{folder}'; mount -o remount,bind,ro '{folder}'"
    done = machine.run(*command, cwd=folder, before=f"{read_only}; cd '{folder}'")
    assert done.returncode == 1
    assert "runs" in done.stderr
    assert "Traceback" not in done.stderr
    at = len(command) - 3
    done = machine.run(
        *command[:at],
        *("--data", "/mnt/runs"),
        *command[at:],
        cwd=folder,
        before=f"mount -t tmpfs none /mnt; {read_only}; cd '{folder}'",
    )
    assert done.returncode == 0, done.stdout + done.stderr


NO_HOME = """
cd /mnt
printf 'lr,0,1,linear\\n' > space.csv
./murmur serve --port 0 --broadcast-port 0 --data data &
until [ -e data/url ]; do sleep 0.1; done
./murmur create p --space space.csv --data data
./murmur list --data data
kill $!
wait $! || [ $? -eq 143 ]
./murmur list --data data
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_without_a_home_serves(machine: Machine) -> None:
    nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups env -u HOME"
    done = machine.run(
        *("sh", "-c", f'exec {nobody} sh -ec "$1"', "sh", NO_HOME),
        before='mount -t tmpfs -o mode=777 none /mnt; cp "$(command -v murmur)" /mnt',
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\np   ") == 2
