"""`PBTClient`: a member of a population, for a training loop that asks what to do next."""

from __future__ import annotations

import ipaddress
import operator
from dataclasses import replace
from types import TracebackType
from typing import Any

from murmuration._alone import OneThread, alone
from murmuration._connection.address import (
    DEFAULT_PORT,
    FILE_SCHEME,
    FORM,
    SCHEME,
    Address,
    read_address,
)
from murmuration._connection.curve import INVITED
from murmuration._connection.timing import Timing
from murmuration._paths import AnyPath, checkpoint_address
from murmuration._pbt_server import POPULATION
from murmuration._ranks import Ranks, check_rank
from murmuration._secret import check_strength, secret_of
from murmuration._values import Directive, Value, in_effect
from murmuration._worker import Worker
from murmuration.errors import AddressError, LeaseLapsedError, NothingToExploitError

_LAPSES = 5
"""Leases that may lapse, one after the other, while one save is reported."""


class PBTClient:
    """Joins the population that a `PBTServer` serves as a new member, and trains it to the end.

    ```python
    pbt_client = PBTClient(server_url, server_port, auth_key, config_path)
    ...
    pbt_client.save(ckpt_path, metric_val)
    if pbt_client.should_exploit():
        pbt_client.exploit()
        model = load_model(pbt_client.parameters_path())
        pbt_client.explore()
    ```

    `server_url` is the name of a host, or a whole address of the form
    `murmur://[SECRET@]HOST:PORT[/POPULATION]`, such as an invitation, which needs no port and key
    besides. `auth_key` is the server's; bytes are read as UTF-8, or else as the text of their
    hexadecimal digits. Beyond this machine it has at least 22 characters. `config_path` names the
    search space's file, as CSV (`name,min,max,scale`) or YAML. The first client's makes the
    population, and one that differs is refused; with `None` the population is taken as it is.

    One background thread asks again when there is no answer, and tells the server that the client
    is there.
    A client that was not heard of for too long, or that was paused, gets its member again, or a
    new one if another worker has that, and `should_exploit` says when there is something to load;
    it does so too at the start, if the population gives members that others trained before.
    A client with a `place` gets the member at once that an earlier client with that place had (see
    `Worker`).
    Leaving the `with` block, or `close()`, gives the member back; so does SIGTERM within
    `with preemptible():`, the end of the interpreter, and, in the background, the end of the last
    reference to the client.

    A client belongs to one process, and to one thread at a time: while one saves, declines or
    exploits, another one gets `BusyError`, and nothing is sent for it. In a distributed training
    (RANK above 0, with WORLD_SIZE and MASTER_ADDR, as torchrun and others set them) all ranks
    train one model: make the client in rank 0 alone and broadcast what it is told. In another rank
    it raises `RankError`, unless `ranks="each"` says that every rank trains a member of its own.
    """

    def __init__(
        self,
        server_url: str,
        server_port: int | None = None,
        auth_key: str | bytes | None = None,
        config_path: AnyPath | None = None,
        *,
        name: str | None = None,
        place: str | None = None,
        ranks: Ranks = "first",
        timing: Timing | None = None,
    ) -> None:
        check_rank(ranks, "PBTClient")
        self._one = OneThread("PBTClient")
        address = _address(server_url, server_port, secret_of(auth_key))
        if address.invitation is None and address.is_known:
            check_strength(address.secret, address.host)
        self._worker = Worker(
            address.url,
            address.population or POPULATION,
            config_path,
            name=name,
            keeps=True,
            place=place,
            ranks=ranks,
            timing=timing,
        )
        try:
            self._hyperparameters = self._worker.hyperparameters
        except BaseException:
            self._worker.leave()
            raise
        # Those that the user set since the last save.
        self._set: dict[str, Value] = {}
        self._step = 0
        self._path = self._worker.checkpoint
        # What there is to load, and whether it was taken over.
        self._told = _beginning(self._worker)
        self._taken = False
        # What it had before it took that over: its step, checkpoint and hyperparameters.
        self._own = (self._step, self._path, self._hyperparameters)

    @property
    def member(self) -> int:
        """The number of this client's member in the population, from 0."""
        return self._worker.member

    def hyperparameters(self) -> dict[str, Value]:
        """The hyperparameters in effect, by name. This is a copy: see `set_hyperparameter`."""
        return dict(self._hyperparameters)

    def parameters_path(self) -> str | None:
        """The checkpoint of this member: saved last, or the donor's after `exploit`."""
        return self._path

    @alone
    def set_hyperparameter(self, name: str, value: Any) -> None:
        """Trains with another value from now on, which is recorded with the next save.

        It wins over an `exploit` and an `explore` before that save, and may leave the search
        space; a later exploit replaces it.
        """
        value = in_effect(self._hyperparameters, {name: value}, self._worker._conditional)[name]
        self._hyperparameters[name] = self._set[name] = value

    @alone
    def save(
        self,
        parameters_path: AnyPath,
        metric_value: Any,
        *,
        timeout: float | None = None,
    ) -> None:
        """Says that a checkpoint was saved, complete, at `parameters_path`, and what it scored.

        The path becomes absolute, for other clients run in other directories; an address such as
        `s3://…` stays as it is. `metric_value` is a number, or a scalar or an array with one
        element of numpy, torch and the like. The server decides at once whether this client
        exploits another one.

        This waits until the server has answered, also through its restart and a pause; with a
        `timeout` in seconds it raises `UnreachableError`, and may be called again: the same save
        is recorded once. Raises `NothingToTrainError` once the server has said that the training
        is over.
        """
        path = checkpoint_address(parameters_path)
        directive = self._report(path, metric_value, timeout)
        lapses = 1
        while not directive.recorded and not (directive.loads and directive.checkpoint):
            # A new member has nothing but what this client just saved.
            if lapses == _LAPSES:
                raise LeaseLapsedError(
                    f"The lease lapsed {_LAPSES} times while one save was reported: see whether "
                    "this machine stands still, or start the server with a longer lease."
                )
            directive = self._report(path, metric_value, timeout)
            lapses += 1
        self._path = path
        self._step += 1
        self._set = {}
        self._told = directive if self._is_to_load(directive) else None
        self._taken = False

    def should_exploit(self) -> bool:
        """Whether the last save was told to take over another state than this client's own.

        That is a better member's or, after a time in which the server did not hear of this client,
        what the server has of its member. Not doing so is allowed: the next save then says that
        this client went on from its own state.
        """
        return self._told is not None

    @alone
    def exploit(self) -> None:
        """Takes over what the last save was told: `hyperparameters()` are the donor's, and
        `parameters_path()` is the checkpoint to load."""
        told = self._to_take()
        if not self._taken:
            self._own = (self._step, self._path, self._hyperparameters)
        donors = told.donor_hyperparameters
        self._hyperparameters = {
            **(told.hyperparameters if donors is None else donors),
            **self._set,
        }
        self._path = told.checkpoint
        self._step = told.step
        self._taken = True

    @alone
    def explore(self) -> None:
        """Changes the hyperparameters around the donor's, as the server drew them.

        They belong to an exploit, so that this comes after `exploit()`.
        """
        told = self._to_take()
        if not self._taken:
            raise NothingToExploitError(
                "There is nothing to explore around yet: call exploit() before explore()."
            )
        self._hyperparameters = {**told.hyperparameters, **self._set}

    @alone
    def decline(self, reason: str, *, timeout: float | None = None) -> None:
        """Says that the checkpoint that there is to load cannot be loaded, and asks for another.

        ```python
        while pbt_client.should_exploit():
            pbt_client.exploit()
            try:
                model = load_model(pbt_client.parameters_path())
            except OSError as error:
                pbt_client.decline(str(error))
            else:
                pbt_client.explore()
                break
        ```

        `should_exploit` then says whether there is another one: what this client saved before, or
        another member's. At the third time at the latest there is none; with a `parameters_path()`
        of `None` the member starts anew. With a `timeout` in seconds it raises `UnreachableError`,
        and may be called again.
        """
        self._to_take()
        directive = self._worker.decline(reason, timeout=timeout)
        # What is in memory is this client's own, unless the load that failed has begun to replace
        # it.
        was_taken, self._taken = self._taken, False
        if was_taken:
            self._step, self._path, own = self._own
            self._hyperparameters = {**own, **self._set}
        if not self._worker.training:
            self._told = None
        elif directive.checkpoint is not None and (was_taken or self._is_to_load(directive)):
            self._told = directive
        else:
            self._told = None
            self._step, self._path = directive.step, directive.checkpoint
            self._hyperparameters = {**directive.hyperparameters, **self._set}

    def close(self) -> None:
        """Gives the member back and closes the connection; it is safe to call this again."""
        self._worker.leave()

    def __enter__(self) -> PBTClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _report(self, path: str, metric_value: Any, timeout: float | None) -> Directive:
        return self._worker.report(
            self._step + 1,
            metric_value,
            checkpoint=path,
            hyperparameters=self._hyperparameters,
            declined=self._told is not None and not self._taken,
            timeout=timeout,
        )

    def _is_to_load(self, directive: Directive) -> bool:
        """Whether there is another state to load than the one that was just saved."""
        if not directive.loads or directive.checkpoint is None:
            return False
        # After a pause the member usually waits as it was left.
        return directive.action == "exploit" or (directive.checkpoint, directive.step) != (
            self._path,
            self._step,
        )

    def _to_take(self) -> Directive:
        if self._told is None:
            raise NothingToExploitError(
                "There is nothing to exploit: call exploit() and explore() only when "
                "should_exploit() is true."
            )
        return self._told


def _beginning(worker: Worker) -> Directive | None:
    """What to load at the start: a new member has nothing, one that others trained a checkpoint."""
    if worker.checkpoint is None:
        return None
    return Directive(
        action="switch",
        member=worker.member,
        step=worker.step,
        target_step=worker.target_step,
        hyperparameters=worker.hyperparameters,
        checkpoint=worker.checkpoint,
    )


def _address(server_url: str, server_port: int | None, secret: str | None) -> Address:
    port = _port(server_port)
    if not isinstance(server_url, str):
        raise AddressError(
            "The server_url is no text: give the name of a host, or a whole address of the form "
            f"{FORM}."
        )
    if server_url.lower().startswith(FILE_SCHEME):
        if port is not None or secret is not None:
            raise AddressError(
                "The server_url is a file, which holds the port and the secret: give None for the "
                "server_port and the auth_key."
            )
        return read_address(server_url)
    if not server_url.lower().startswith(SCHEME):
        return replace(_at(server_url), port=port or DEFAULT_PORT, secret=secret)
    address = Address.parse(server_url)
    if port not in (None, address.port):
        raise AddressError(
            f"The server_url leads to port {address.port} and the server_port is {port}: make them "
            "agree, or give None for the server_port."
        )
    if address.invitation is not None and secret is not None:
        raise AddressError(
            "The server_url is an invitation, which takes the place of a key: give None for the "
            "auth_key."
        )
    if None not in (secret, address.secret) and secret != address.secret:
        raise AddressError(
            "The server_url holds another secret than the auth_key: give only one of them."
        )
    return address if secret is None else replace(address, secret=secret)


def _at(host: str) -> Address:
    if "@" in host or host.startswith(INVITED):
        # It may hold a secret, which no message repeats.
        raise AddressError(
            f"The server_url does not begin with {SCHEME}, and is no host: give the name of a "
            f"host, or a whole address of the form {FORM}."
        )
    try:
        is_ipv6 = ipaddress.ip_address(host).version == 6
    except ValueError:
        is_ipv6 = False
    try:
        return Address.parse(f"{SCHEME}[{host}]:1" if is_ipv6 else f"{SCHEME}{host}:1")
    except AddressError:
        raise AddressError(
            f"The server_url is {host!r}: give the name of a host without its port, or a whole "
            f"address of the form {FORM}."
        ) from None


def _port(given: int | None) -> int | None:
    if given is None:
        return None
    try:
        port = operator.index(given)
    except TypeError:
        port = 0
    if not 0 < port < 2**16:
        raise AddressError(
            f"The server_port is {given!r:.60}; give a whole number from 1 to 65535."
        )
    return port
