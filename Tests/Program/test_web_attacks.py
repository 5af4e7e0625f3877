"""Who must not look at `murmur web`, and who would break it."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
from collections.abc import Iterator

import pytest
from populations import create
from program import Murmur
from support.fixtures import QUICK
from support.waiting import START_SECONDS, wait_until
from web import HostileCoordinator, Page, Stream, page, resident_kilobytes

from murmuration import Worker

KILOBYTES = 1024


@pytest.fixture
def served(murmur: Murmur) -> Iterator[tuple[Page, subprocess.Popen[str]]]:
    create(murmur, "p", "--population-size", "2", "--interval", "10", "--max-steps", "20")
    with page("--data", str(murmur.data)) as (shown, process):
        shown.wait_for("p", 1)
        yield shown, process


Served = tuple[Page, subprocess.Popen[str]]


def test_nobody_looks_without_the_token(served: Served) -> None:
    shown, _ = served
    wrong = shown.token[:-1] + ("0" if shown.token[-1] != "0" else "1")
    for path in ("/", "/api/state", "/assets/index.html", f"/?token={wrong}", "/?token="):
        for headers in (
            {},
            {"Authorization": f"Bearer {wrong}"},
            {"Cookie": f"murmur-web-{shown.port}={wrong}"},
            {"Cookie": f"murmur-web-1={shown.token}"},
        ):
            status, _, body = shown.ask(path, headers)
            assert status == 401, (path, headers)
            assert shown.token.encode() not in body


def test_the_token_becomes_a_cookie(served: Served) -> None:
    shown, _ = served
    status, headers, _ = shown.ask(f"/?token={shown.token}", {})
    assert (status, headers["Location"]) == (303, "/")
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert shown.ask("/", {"Cookie": cookie})[0] == 200
    assert shown.ask("/api/state", {"Cookie": f"a=b; {cookie}"})[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/state", "/nothing", "/api/nothing"])
def test_every_answer_forbids_what_a_page_could_be_made_to_do(served: Served, path: str) -> None:
    shown, _ = served
    _, headers, body = shown.ask(path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers
    if path.startswith("/api"):
        assert headers["Cache-Control"] == "no-store"
        json.loads(body)


def test_another_host_name_is_refused(served: Served) -> None:
    shown, _ = served
    for host, status in (
        (f"127.0.0.1:{shown.port}", 200),
        (f"localhost:{shown.port}", 200),
        (f"LOCALHOST:{shown.port}", 200),
        (f"attacker.example:{shown.port}", 421),
        (f"127.0.0.1.attacker.example:{shown.port}", 421),
        (f"localhost.:{shown.port}", 421),
        ("127.0.0.1:1", 421),
        ("127.0.0.1:x", 421),
        ("", 421),
    ):
        assert shown.ask("/api/state", shown.key | {"Host": host})[0] == status, host


def test_another_page_may_not_ask(served: Served) -> None:
    shown, _ = served
    own = f"http://127.0.0.1:{shown.port}"
    for headers, status in (
        ({"Origin": own}, 200),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ):
        assert shown.ask("/api/state", shown.key | headers)[0] == status, headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_can_be_changed(served: Served, method: str) -> None:
    shown, _ = served
    assert shown.ask("/api/state", method=method)[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2fetc%2fpasswd",
        "/assets/index.html%00.js",
        "//etc/passwd",
        "/api/populations/../state",
        "/assets/.",
    ],
)
def test_no_path_leads_out(served: Served, path: str) -> None:
    shown, _ = served
    status, _, body = shown.ask(path)
    assert status in (400, 404)
    assert b"root:" not in body


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000, 431),
        (b"G" * 100_000, 431),
    ],
)
def test_malformed_requests_are_refused(served: Served, request_: bytes, status: int) -> None:
    shown, _ = served
    answer = shown.raw(request_)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert shown.ask("/api/state")[0] == 200


def test_a_thousand_connections_that_say_nothing_hold_nobody_up(served: Served) -> None:
    shown, _ = served
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections: list[socket.socket] = []
    try:
        for number in range(1000):
            connection = shown.connect()
            connections.append(connection)
            if number % 2:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert shown.ask("/api/state")[0] == 200
        # Each is ended when it has said nothing for long enough.
        connections[0].settimeout(START_SECONDS)
        assert connections[0].recv(1) == b""
    finally:
        for connection in connections:
            connection.close()


def test_slow_readers_hold_nobody_up(served: Served, murmur: Murmur) -> None:
    shown, process = served
    slow: list[socket.socket] = []
    try:
        for _ in range(50):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect((shown.host, shown.port))
            connection.sendall(
                b"GET /api/stream?population=p HTTP/1.1\r\n"
                + f"Host: 127.0.0.1:{shown.port}\r\n".encode()
                + f"Authorization: Bearer {shown.token}\r\n\r\n".encode()
            )
            slow.append(connection)
        stream = Stream(shown, "p")
        stream.next_of("board")
        before = resident_kilobytes(process)
        with Worker(f"{murmur.url}/p", timing=QUICK) as worker:
            while worker.training:
                worker.report(worker.target_step, 1.0, checkpoint="/c")
        reports = 0
        while reports < 4:
            data, _ = stream.next_of("events")
            reports += sum(event["event"] == "reported" for event in data["events"])
        stream.close()
        assert resident_kilobytes(process) - before < 64 * KILOBYTES
    finally:
        for connection in slow:
            connection.close()


def test_hostile_names_stay_texts(served: Served, murmur: Murmur) -> None:
    shown, _ = served
    script = "</script><script>alert(1)</script>"
    with Worker(f"{murmur.url}/p", timing=QUICK, name=script) as worker:
        worker.report(
            worker.target_step, 1.0, checkpoint=f"/{script}", metrics={script: 1.0, "</b>": 2.0}
        )
        wait_until(
            lambda: "</b>" in shown.population("p", "scores")["metrics"], "the metrics are shown"
        )
        scores = shown.ask("/api/populations/p/scores")
        assert scores[1]["Content-Type"] == "application/json; charset=utf-8"
        assert json.loads(scores[2])["metrics"] == [script, "</b>"]
        for path in ("scores", "workers", "events", "board", "members/0"):
            _, _, body = shown.ask(f"/api/populations/p/{path}")
            text = body.decode()
            assert "\n" not in text


def test_many_metrics_are_bounded(served: Served, murmur: Murmur) -> None:
    shown, _ = served
    with Worker(f"{murmur.url}/p", timing=QUICK) as worker:
        worker.report(
            worker.target_step, 1.0, checkpoint="/c", metrics={f"m{n}": 1.0 for n in range(100)}
        )
        wait_until(lambda: shown.population("p", "scores")["bins"] != [], "the report is shown")
        assert len(shown.population("p", "scores")["metrics"]) == 24


def test_a_hostile_coordinator_breaks_nothing() -> None:
    with HostileCoordinator() as coordinator, page("--url", coordinator.url) as (shown, process):
        before = resident_kilobytes(process)
        wait_until(
            lambda: shown.json("/api/state")["coordinator"].get("problem") is not None,
            "the page says what is wrong",
        )
        assert process.poll() is None
        assert shown.json("/api/state")["coordinator"]["live"] is False
        wait_until(lambda: coordinator.answered > 3, "it was asked again")
        assert resident_kilobytes(process) - before < 128 * KILOBYTES


def test_an_invited_monitor_sees_what_its_key_may_read(idle: Murmur) -> None:
    idle.start("--port", "0", "--invitations")
    for name in ("mine", "kept-from-them"):
        create(idle, name, "--population-size", "2", "--max-steps", "20")
    url = idle.murmur("invite", "--role", "monitor", "--population", "mine").strip()
    with page("--url", url) as (shown, _):
        shown.wait_for("mine", 1)
        stream = Stream(shown, "mine")
        assert stream.next_of("board")[0]["population"] == "mine"
        state = shown.text("/api/state")
        assert "kept-from-them" not in state
        invitation = url.removeprefix("murmur://").split("@")[0]
        assert len(invitation) > 32
        assert invitation not in state
        assert shown.ask("/api/populations/kept-from-them/board")[0] == 404
        stream.close()


def test_beyond_this_machine_needs_a_word(murmur: Murmur) -> None:
    command = [str(murmur.binary), "web", "--host", "0.0.0.0", "--data", str(murmur.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 64
    assert "a proxy with TLS" in " ".join(done.stderr.split())
    with page("--host", "0.0.0.0", "--insecure", "--name", "web.example", "--data",
              str(murmur.data)) as (shown, _):  # fmt: skip
        shown.host = "127.0.0.1"
        assert shown.ask("/api/state", shown.key | {"Host": "web.example"})[0] == 200
        assert shown.ask("/api/state", shown.key | {"Host": "other.example"})[0] == 421


def test_a_port_that_is_taken_is_said(served: Served, murmur: Murmur) -> None:
    shown, _ = served
    command = [str(murmur.binary), "web", "--port", str(shown.port), "--data", str(murmur.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 1
    assert f"Something else listens at port {shown.port}" in done.stderr
