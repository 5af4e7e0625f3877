"""A browser without a window, and what a page in it shows."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from support.waiting import WAIT_SECONDS, wait_until

# By this name the page's server is reached through a `Cable`.
NAME = "page.test"
WIDE, NARROW, HIGH = 1280, 390, 900

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="there is no chromium with chromedriver; apt-get install chromium-driver has both",
)


class Browser:
    """One tab. What it complains of is collected."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get(address)

    def show(self, address: str) -> None:
        """Goes to another address of the page that is open, as a click does."""
        self.run("location.hash = arguments[0]", address)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def module(self, name: str, body: str, *arguments: object) -> Any:
        """What `body` returns, in which `it` is a module of the page, and `a` what it is given."""
        # The page's policy lets nothing be made code of, so that it must be code already.
        script = f"""
            const [name, a, done] = arguments;
            import(name).then((it) => {{ {body} }}).then(
                (value) => done({{ value }}), (error) => done({{ error: String(error) }}));
        """
        self.driver.set_script_timeout(WAIT_SECONDS)
        answer = self.driver.execute_async_script(script, f"/assets/{name}", arguments)
        assert "error" not in answer, answer
        return answer.get("value")

    def texts(self, selector: str) -> list[str]:
        """Read at once, since what is live may be drawn anew meanwhile."""
        found = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)",
            selector,
        )
        assert isinstance(found, list)
        return found

    def text(self, selector: str) -> str:
        return "".join(self.texts(selector)[:1])

    def wait_for(self, selector: str, text: str = "") -> None:
        wait_until(
            lambda: any(text in each for each in self.texts(selector)),
            lambda: f"{selector} says '{text}': {self.text('body')[:2000]}",
        )

    def click(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    def press(self, selector: str, *keys: str) -> None:
        self.run("document.querySelector(arguments[0]).focus()", selector)
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def width(self, width: int) -> None:
        size = {"width": width, "height": HIGH, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def complaints(self) -> list[str]:
        """Since the last time: errors, and what the content security policy forbade."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@contextmanager
def browser() -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        # Tests run as root where there is nobody else.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        f"--window-size={WIDE},{HIGH}",
        f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
    ):
        options.add_argument(argument)
    assert CHROMIUM is not None
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def number(text: str) -> float:
    """A number as the page writes it."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    plain = text.replace("\u202f", "").replace("\u2212", "-").rstrip("*")
    plain = re.sub(r"\u00d710(.*)", lambda found: "e" + found[1].translate(raised), plain)
    return float(plain)


class Cable:
    """What lies between a browser and a server, and can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.ends: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self._start(self._accept, self.listener)

    def _start(self, what: Any, *arguments: object) -> None:
        thread = threading.Thread(target=what, args=arguments)
        self.threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.to))
                except OSError:
                    near.close()
                    continue
                self.ends += [near, far]
                self._start(self._carry, near, far)
                self._start(self._carry, far, near)

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        for end in self.ends:
            end.close()
        self.ends, self.threads = [], []

    def mend(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self._start(self._accept, self.listener)


__all__ = [
    "HIGH",
    "NAME",
    "NARROW",
    "WIDE",
    "Browser",
    "Cable",
    "Keys",
    "browser",
    "needs_browser",
    "number",
]
