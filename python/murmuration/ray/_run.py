"""A run on a Ray cluster: its coordinator beside the driver, and its workers as actors."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from murmuration._administrator import Administrator
from murmuration._checkpoints import Checkpoints
from murmuration._connection.address import Address, is_loopback
from murmuration._paths import AnyPath
from murmuration._pbt_server import POPULATION, PBTServer
from murmuration._populations import Population
from murmuration._scalars import count
from murmuration._settings import GivenSetting, settings_by_name, settings_to_wire
from murmuration._space_text import text_of
from murmuration._worker import Worker
from murmuration.adapters._libraries import library
from murmuration.errors import CheckpointError, InvalidError, TrainingError
from murmuration.ray._actors import Joining
from murmuration.ray._crew import Crew
from murmuration.ray._result import Result
from murmuration.spaces import space_from_tune

_SECRET_BYTES = 24


def run(
    train: Callable[[Worker], object],
    *,
    space: AnyPath | Mapping[str, Any],
    workers: int,
    checkpoints: AnyPath | None = None,
    resources: Mapping[str, float] | None = None,
    name: str = POPULATION,
    data: AnyPath | None = None,
    host: str | None = None,
    port: int = 0,
    delete_released: bool = False,
    max_failures: int = 3,
    minimize: bool | None = None,
    synchronous: bool | None = None,
    **settings: GivenSetting,
) -> Result:
    """Trains a population on a Ray cluster, and returns what it came to.

    ```python
    result = murmuration.ray.run(
        train, space="space.yaml", workers=8, resources={"GPU": 1}, checkpoints="/shared/run"
    )
    print(result.best)
    ```

    `train` is called with a `Worker` in each of `workers` actors, and again as long as that worker
    has something to train; `trainable()` makes it from what Ray Tune trains. `space` is the path of
    a space file, its text, or a dictionary as Ray Tune has them (`space_from_tune`). Settings that
    are given win over the file, as in `Administrator.create_population`; there must be a
    `max_steps`. `checkpoints` is a directory that all nodes share, or an address such as
    `s3://bucket/run`; without it MURMUR_CHECKPOINTS names it.

    Each actor gets 1 CPU, and what `resources` says. Members are not workers: 8 workers train a
    population of any size, and a run goes on with those for which there is room.

    The coordinator is a process beside the driver and ends with it. Workers reach it, encrypted, at
    the address that Ray has of the driver's node, or at `host`, and at `port` or a free one. `data`
    is the directory that keeps the run's journal; when there is one in it, the run goes on, and
    settings that are given have to be the run's. Without it there is a temporary one.

    An actor that dies is started again, and goes on with its member. When `train` raises, the
    member is given back, what was raised is logged with the member and the step, and the worker
    begins again. `TrainingError` is raised when every worker has failed more than `max_failures`
    times in a row without a report between them; it has what the population came to.
    """
    ray = library("ray", "Ray", "ray")
    if count(workers, "number of workers") == 0:
        raise InvalidError("There are 0 workers: give 1 at least.")
    if isinstance(train, type) or not callable(train):
        raise InvalidError(
            f"What trains is {train!r:.60}: give a function of a Worker, or make one of Ray Tune's "
            "trainables with murmuration.ray.trainable(…, metric=…)."
        )
    text = space_from_tune(space) if isinstance(space, Mapping) else text_of(space)
    directory = _chosen(checkpoints)
    if not ray.is_initialized():
        ray.init()
    node = host or ray.util.get_node_ip_address()
    listening = node if is_loopback(node) else None
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with contextlib.ExitStack() as stack:
        mark = stack.enter_context(_marked(directory))
        server = stack.enter_context(PBTServer(port, secret, host=listening, data=data))
        administrator = stack.enter_context(Administrator(server.url))
        if any(each.name == name for each in administrator.populations()):
            _compare(administrator.population(name), minimize, synchronous, settings)
        else:
            administrator.create_population(
                name, text, minimize=minimize, synchronous=synchronous, **settings
            )
        _check(administrator.population(name))
        crew = Crew(
            ray,
            train,
            Joining(
                Address(node, server.port, secret, name).url,
                text,
                name,
                str(directory),
                delete_released,
                mark,
            ),
            workers=workers,
            resources=resources or {},
            max_failures=count(max_failures, "max_failures"),
            reports=lambda: administrator.population(name).reports,
            check=server.check,
        )
        stack.callback(crew.end)
        try:
            crew.work()
        except TrainingError as error:
            error.result = _result(administrator, name)
            raise
        return _result(administrator, name)


def _chosen(checkpoints: AnyPath | None) -> Path | str:
    try:
        return Checkpoints(checkpoints).directory
    except CheckpointError:
        raise InvalidError(
            "No directory for checkpoints is chosen: give checkpoints=DIR, one that all nodes "
            "share, or set MURMUR_CHECKPOINTS."
        ) from None


@contextlib.contextmanager
def _marked(directory: Path | str) -> Iterator[str | None]:
    """Puts a file into a directory, by which a node knows that it sees the same one."""
    if isinstance(directory, str):
        yield None
        return
    mark = directory / f".murmuration-{secrets.token_hex(8)}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError as error:
        raise InvalidError(
            f"The directory {str(directory)!r} for checkpoints cannot be used ({error.strerror}): "
            "choose another one."
        ) from None
    try:
        yield mark.name
    finally:
        mark.unlink(missing_ok=True)


def _compare(
    population: Population,
    minimize: bool | None,
    synchronous: bool | None,
    settings: Mapping[str, GivenSetting],
) -> None:
    """Raises when what is given is not what the population has."""
    given: dict[str, object] = {**settings_by_name(settings_to_wire(settings))}
    if minimize is not None:
        given["minimize"] = minimize
    if synchronous is not None:
        given["synchronous"] = synchronous
    has: dict[str, object] = {
        **population.settings,
        "minimize": population.minimize,
        "synchronous": population.synchronous,
    }
    for name, value in given.items():
        if has.get(name) != value:
            raise InvalidError(
                f"The run in the directory data has {name}={has.get(name)!r}, and {name}={value!r} "
                "is given: leave it out to go on, or name another directory for a new run."
            )


def _check(population: Population) -> None:
    if population.max_steps is None:
        raise InvalidError(
            "The population has no last step, and the run would never end: give max_steps=…, or "
            "name it in the space file."
        )


def _result(administrator: Administrator, name: str) -> Result:
    members = administrator.population(name).members
    return Result(
        administrator.leaderboard(name, limit=members),
        tuple(administrator.best_schedule(name)),
        tuple(administrator.history(name)),
    )
