"""`--metrics`: what Prometheus is told, as docs/guide/metrics.md says, and who is not answered."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from disks import refused
from exposition import Exposition, parse
from populations import create, journal, train
from program import Murmur
from scraping import GUIDE, guide, port_in, scrape, served_metrics
from support.fixtures import QUICK
from support.repository import REPOSITORY
from support.waiting import STOP_SECONDS, WAIT_SECONDS, wait_until
from web import page

from bench.ports import free_ports
from murmuration import Worker

DASHBOARD = REPOSITORY / "packaging" / "grafana.json"
ALERTS = REPOSITORY / "packaging" / "alerts.yml"
# As the page says.
MOST_CONNECTIONS = 16

TRAINER = """
import time
from murmuration import Worker
with Worker() as worker:
    while worker.training:
        time.sleep(0.2)
        worker.report(worker.target_step, 0.5, checkpoint="/checkpoints/secret-place")
"""


class Scraped:
    """A coordinator whose metrics are served."""

    def __init__(self, murmur: Murmur, *options: str) -> None:
        self.murmur = murmur
        ports = options or ("--port", str(free_ports(3)))
        # The log of an earlier start names a port where nobody listens any more.
        before = len(murmur.log) if murmur.log_file.exists() else 0
        murmur.start(*ports, "--metrics", "0")
        wait_until(lambda: "Metrics are at" in murmur.log[before:], lambda: murmur.log)
        self.port = port_in(murmur.log[before:])

    def answer(
        self, method: str = "GET", path: str = "/metrics", **headers: str
    ) -> tuple[int, str, str]:
        """The status, the type and the text."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, WAIT_SECONDS)) as asked:
            asked.request(method, path, headers=headers)
            answer = asked.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()

    @property
    def text(self) -> str:
        status, kind, text = self.answer()
        assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8"), text
        return text

    @property
    def metrics(self) -> Exposition:
        return parse(self.text)

    def wait_for(self, expected: float, name: str, **labels: str) -> Exposition:
        """Metrics in which a value is what it should be; they may be a moment old."""
        wait_until(
            lambda: self.metrics.value(name, **labels) == expected,
            lambda: f"{name} {labels} is {expected}: {self.text}",
        )
        return self.metrics

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), WAIT_SECONDS)


@pytest.fixture
def scraped(idle: Murmur) -> Scraped:
    return Scraped(idle)


@pytest.fixture
def trained(scraped: Scraped) -> Scraped:
    """One whose population has trained for a while, and has a worker."""
    create(scraped.murmur, "digits", "--population-size", "8", "--max-steps", "12")
    train(f"{scraped.murmur.url}/digits")
    return scraped


def promtool() -> str:
    beside = Path(sys.executable).parent
    found = shutil.which("promtool") or shutil.which("promtool", path=beside)
    if found is None:
        pytest.skip("promtool is not here; it is in Debian's package prometheus")
    return found


# What is told.


def test_what_happened_is_counted(trained: Scraped) -> None:
    ((reports, exploits),) = journal(
        trained.murmur,
        "SELECT sum(kind = 'reported'), sum(donor IS NOT NULL AND kind = 'reported') FROM event",
    )
    metrics = trained.wait_for(float(str(reports)), "murmur_reports_total", population="digits")
    assert metrics.value("murmur_exploits_total", population="digits") == exploits
    assert float(str(exploits)) > 0
    assert metrics.value("murmur_members", population="digits", state="finished") == 8
    assert metrics.value("murmur_best_score", population="digits") == best(trained.murmur)
    alive = metrics.value("murmur_beginnings_alive", population="digits")
    told = " ".join(trained.murmur.murmur("lineage", "digits").split())
    assert f"they descend from {alive:.0f} of 8 beginnings" in told
    assert metrics.value("murmur_waiting_requests") == 0
    assert metrics.value("murmur_populations", status="active") == 1
    assert metrics.value("murmur_epoch") == 1
    assert metrics.value("murmur_leases_ended_total", reason="finished") == 8
    assert metrics.value("murmur_disk_refuses") == 0
    sequence = journal(trained.murmur, "SELECT max(sequence) FROM event")
    assert [(metrics.value("murmur_journal_sequence"),)] == sequence
    # Each request is in one batch, and each batch that changed something took its time.
    assert metrics.value("murmur_batch_requests_sum") == metrics.value("murmur_requests_total")
    assert 0 < metrics.value("murmur_commit_duration_seconds_sum") < WAIT_SECONDS
    commits = metrics.value("murmur_commit_duration_seconds_count")
    assert 0 < commits <= metrics.value("murmur_batch_requests_count") + 2
    for name in ("received", "sent"):
        assert metrics.value(f"murmur_{name}_bytes_total") > float(str(reports)) * 10
    size = (trained.murmur.data / "journal.sqlite").stat().st_size
    assert metrics.value("murmur_journal_bytes", file="journal") == size
    free = shutil.disk_usage(trained.murmur.data).free
    assert metrics.value("murmur_journal_free_bytes") == pytest.approx(free, rel=0.2)


def best(murmur: Murmur) -> float:
    return float(json.loads(murmur.murmur("best", "--json"))["score"])


def test_counters_begin_anew_with_each_start(trained: Scraped) -> None:
    assert trained.metrics.value("murmur_reports_total", population="digits") > 0
    trained.murmur.stop()
    again = Scraped(trained.murmur).metrics
    assert again.value("murmur_epoch") == 2
    # It had finished, and so has no name of its own.
    assert again.value("murmur_reports_total", population="") == 0
    assert again.value("murmur_members", population="", state="finished") == 8
    assert "murmur_best_score" not in again


def test_what_is_refused_and_who_is_connected_is_told(scraped: Scraped) -> None:
    assert scraped.metrics.value("murmur_refusals_total", code="NO_POPULATION") == 0
    assert scraped.metrics.value("murmur_connections", port="workers") == 0
    with pytest.raises(AssertionError, match="nowhere"):
        scraped.murmur.murmur("leaderboard", "nowhere")
    scraped.wait_for(1, "murmur_refusals_total", code="NO_POPULATION")
    create(scraped.murmur, "digits", "--population-size", "3")
    with Worker(f"{scraped.murmur.url}/digits", timing=QUICK) as worker:
        worker.report(worker.target_step, 1.0, checkpoint="/checkpoint")
        metrics = scraped.wait_for(1, "murmur_members", population="digits", state="training")
        assert metrics.value("murmur_members", population="digits", state="waiting") == 2
        scraped.wait_for(1, "murmur_connections", port="workers")
    scraped.wait_for(0, "murmur_members", population="digits", state="training")
    assert scraped.metrics.value("murmur_leases_ended_total", reason="left") == 1
    wait_until(
        lambda: scraped.metrics.value("murmur_connections", port="workers") == 0, "nobody is there"
    )


def test_a_run_serves_them_too(idle: Murmur, tmp_path: Path) -> None:
    (tmp_path / "space.csv").write_text("name,min,max,scale\nrate,0,1,linear\n")
    (tmp_path / "train.py").write_text(TRAINER)
    command = [str(idle.binary), "run", "--space", "space.csv", "--metrics", "0"]
    command += ["--population-size", "2", "--workers", "1", "--", sys.executable, "train.py"]
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=output, stderr=output)
    try:
        wait_until(lambda: "Metrics are at" in log.read_text(), log.read_text)
        port = port_in(log.read_text())

        def reports() -> float:
            return scrape(port).value("murmur_reports_total", population="space")

        wait_until(lambda: reports() >= 2, log.read_text)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def test_no_secret_is_told(idle: Murmur) -> None:
    secret = "a-secret-that-nobody-else-has"
    idle.secret_file.touch(mode=0o600)
    idle.secret_file.write_text(secret)
    options = ("--port", str(free_ports(3)), "--secret-file", str(idle.secret_file))
    scraped = Scraped(idle, *options, "--invitations")
    create(idle, "digits", "--population-size", "2")
    with Worker(f"{idle.url}/digits", timing=QUICK, name="nobody-s-name") as worker:
        worker.report(worker.target_step, 1.0, checkpoint="/checkpoints/secret-place")
        text = scraped.wait_for(1, "murmur_reports_total", population="digits")
        assert text.value("murmur_handshakes_total", outcome="accepted") > 0
        said = scraped.text
    hidden = [secret, "secret-place", "nobody-s-name", "rate", "momentum", str(idle.data)]
    assert [word for word in hidden if re.search(rf"\b{re.escape(word)}\b", said)] == []


def test_promtool_finds_nothing_wrong(trained: Scraped) -> None:
    checked = subprocess.run(
        [promtool(), "check", "metrics"], input=trained.text, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


# The guide, the dashboard and the alerts.


def test_the_guide_has_each_metric_as_it_is(trained: Scraped) -> None:
    metrics = trained.metrics
    table = guide()
    assert sorted(table) == sorted(metrics)
    for name, (kind, unit, labels, meaning) in table.items():
        family = metrics[name]
        assert kind == family.kind, name
        assert set(re.findall(r"`(\w+)`", labels)) == family.labels, name
        assert meaning
        for word in ("seconds", "bytes"):
            assert (unit == word) == (word in name.removesuffix("_total").split("_")), name
        # What the page says of the values of labels that are a fixed set.
        for label in family.labels - {"population", "le", "code", "version"}:
            values = {dict(has)[label] for _, has in family.samples}
            told = set(re.findall(r"`([a-z]+)`", meaning))
            assert values <= told, f"{name}: {label} is {sorted(values)}, and {sorted(told)} told"


def queries() -> Iterator[str]:
    """All that the dashboard and the alerts ask."""

    def below(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, each in value.items():
                if key in ("expr", "definition") and isinstance(each, str):
                    yield each
                yield from below(each)
        elif isinstance(value, list):
            for each in value:
                yield from below(each)

    yield from below(json.loads(DASHBOARD.read_text()))
    yield from re.findall(r"^ +expr: (.+)$", ALERTS.read_text(), re.MULTILINE)


def test_the_dashboard_and_the_alerts_ask_for_what_there_is(trained: Scraped) -> None:
    data = str(trained.murmur.data)
    with page("--data", data, "--metrics", "0") as (shown, process):
        shown.wait_for("digits", 1)
        metrics = Exposition(trained.metrics | scrape(served_metrics(process)))
    asked = set()
    # Of Prometheus itself.
    other = {"instance", "job", "le"}
    all_queries = list(queries())
    assert len(all_queries) > 25
    for query in all_queries:
        names = set(re.findall(r"\b((?:murmur|process)_\w+)", query))
        families = {re.sub("_(bucket|sum|count)$", "", name) for name in names}
        assert families or query.startswith("up{"), query
        assert families <= set(metrics), query
        asked |= families
        labels = {label for family in families for label in metrics[family].labels} | other
        used = set(re.findall(r"[{,](\w+)=", query))
        for group in re.findall(r"by \(([^)]*)\)", query):
            used |= set(re.split(r",\s*", group))
        assert used <= labels, query
        for family, label, value in re.findall(r"(\w+)\{(\w+)=\"([^\"$]+)\"\}", query):
            if label not in other:
                values = {dict(has).get(label) for _, has in metrics[family].samples}
                assert value in values, query
    # Whatever a machine's operator would look for has a panel.
    unused = set(metrics) - asked - {"murmur_build_info", "murmur_populations"}
    # A page tells again what its coordinator does.
    unused = {name for name in unused if not name.startswith("murmur_web_")}
    assert unused <= {
        "murmur_commit_failures_total",
        "murmur_journal_sequence",
        "murmur_leases_granted_total",
        "murmur_subscriptions",
        "process_start_time_seconds",
    }


def test_the_guide_names_each_alert() -> None:
    alerts = re.findall(r"- alert: (\w+)", ALERTS.read_text())
    assert len(alerts) == len(set(alerts)) > 0
    assert re.findall(r"^\| (Murmur\w+) \|", GUIDE.read_text(), re.MULTILINE) == alerts


def test_promtool_takes_the_alerts_and_the_configuration(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert block
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(f"rule_files: [{ALERTS}]\n{block[1]}")
    command = [promtool(), "check", "config", str(configuration)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "SUCCESS" in checked.stdout


# Who is not answered.


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("GET", "/metrics", "evil.example", 403),
        ("GET", "/metrics", "evil.example:80", 403),
        ("GET", "/", "localhost", 404),
        ("GET", "/metrics/../../etc/passwd", "localhost", 404),
        ("GET", "/%2e%2e/etc/passwd", "localhost", 404),
        ("POST", "/metrics", "localhost", 405),
        ("HEAD", "/metrics", "localhost", 405),
    ],
)
def test_nothing_else_is_answered(
    method: str, path: str, host: str, status: int, scraped: Scraped
) -> None:
    got, _, text = scraped.answer(method, path, Host=host)
    assert got == status
    assert "murmur_" not in text
    assert text.count("\n") == (0 if method == "HEAD" else 1)
    assert scraped.metrics.value("murmur_epoch") == 1


def said(connection: socket.socket) -> bytes:
    """All that comes until the other side closes, which it does."""
    received = b""
    try:
        while more := connection.recv(65536):
            received += more
    except ConnectionResetError:
        pass
    return received


def test_hostile_requests_get_little(scraped: Scraped) -> None:
    for bytes_, status in [
        (b"\x00\xff" * 20 + b"\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9000, b"431"),
    ]:
        with scraped.connect() as connection:
            connection.sendall(bytes_)
            assert said(connection).split(b" ")[1] == status, bytes_[:40]
    # One that goes on for ever is not heard to its end.
    with scraped.connect() as connection:
        wait_until(lambda: is_closed(connection, b"X: " + b"x" * 65536), "it has heard enough")
    assert scraped.metrics.value("murmur_epoch") == 1


def is_closed(connection: socket.socket, more: bytes) -> bool:
    """Whether nobody hears any more of what is said."""
    try:
        connection.sendall(more)
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def test_slow_clients_are_few_and_not_for_long(trained: Scraped) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(trained.connect()) for _ in range(MOST_CONNECTIONS)]
        for number, connection in enumerate(slow):
            # Some ask and do not read, and some never end what they ask.
            whole = b"\r\n\r\n" if number % 2 else b""
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost" + whole)
        more = [stack.enter_context(trained.connect()) for _ in range(200)]
        # The journal's own work goes on meanwhile.
        create(trained.murmur, "others", "--population-size", "2", "--max-steps", "2")
        assert train(f"{trained.murmur.url}/others") >= 4
        for connection in [*slow, *more]:
            assert said(connection)[:12] in (b"", b"HTTP/1.1 200")
    wait_until(lambda: is_answered(trained), "it answers again")
    trained.wait_for(2, "murmur_members", population="others", state="finished")


def is_answered(scraped: Scraped) -> bool:
    try:
        return scraped.answer()[0] == 200
    except OSError:
        return False


@pytest.mark.parametrize("command", ["serve", "run"])
def test_a_port_in_use_gets_a_sentence(command: str, idle: Murmur, tmp_path: Path) -> None:
    (tmp_path / "space.csv").write_text("name,min,max,scale\nrate,0,1,linear\n")
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        options = {
            "serve": ("--port", "0"),
            "run": ("--space", str(tmp_path / "space.csv"), "--", "true"),
        }[command]
        data = tmp_path / "new"
        sentence = refused(idle, command, "--metrics", str(port), "--data", str(data), *options)
    assert sentence == (
        f"Error: Port {port}, for metrics, is taken by another program; choose another one with "
        "--metrics."
    )
    assert not data.exists()


def test_an_address_that_is_none_gets_a_sentence(idle: Murmur, tmp_path: Path) -> None:
    serve = ("serve", "--port", "0", "--data", str(tmp_path / "new"))
    assert refused(idle, *serve, "--metrics", "192.0.2.1:9464") == (
        "Error: Metrics cannot be served at 192.0.2.1:9464, which is not an address of this "
        "machine; name one with --metrics."
    )
    wrong = subprocess.run(
        [str(idle.binary), *serve, "--metrics", "host:9464"], capture_output=True, text=True
    )
    assert wrong.returncode == 64
    assert "'host:9464' is no place for metrics; use a port from 0 to 65535" in wrong.stderr
