"""Everything that this package raises about the coordinator and the way to it."""

from __future__ import annotations

from typing import Any

from murmuration._shown import escaped
from murmuration.v1 import murmuration_pb2 as wire


class MurmurationError(Exception):
    """The base of all errors of this package; its text says what is wrong and what to do."""


class AddressError(MurmurationError, ValueError):
    """The coordinator's address is missing or cannot be read."""


class UnreachableError(MurmurationError, TimeoutError):
    """The coordinator did not answer in time."""


class RefusedError(MurmurationError):
    """The coordinator, or what listens in its place, refuses the connection for good."""


class NothingToTrainError(MurmurationError):
    """The worker holds no member: it was stopped, or it has left."""


class NothingToExploitError(MurmurationError):
    """There is no exploit to take over: the last save told none."""


class ServerError(MurmurationError):
    """The server's process could not be found or started."""


class WeakKeyError(MurmurationError, ValueError):
    """The key is too easily guessed for a network."""


class TrainingError(MurmurationError):
    """The workers of a run failed again and again; the last failure is in the text."""

    def __init__(self, text: str, member: int | None = None, step: int | None = None) -> None:
        super().__init__(text)
        self.member = member
        """Who was trained then; `None` when there was nobody yet."""
        self.step = step
        """The step that it was trained on from."""
        self.result: Any = None
        """What the population has come to all the same, a `murmuration.ray.Result`."""


class ForkedError(MurmurationError):
    """The object was made in another process, and a fork does not carry it over."""


class BusyError(MurmurationError):
    """Another thread is at work with the object, which belongs to one at a time."""


class RankError(MurmurationError):
    """The process is a rank of a distributed training, which the first one joins for."""


class CheckpointError(MurmurationError):
    """A checkpoint cannot be written, or cannot be loaded: decline it then."""


class LibraryError(MurmurationError, ImportError):
    """A library that an adapter is for is not installed."""


class CoordinatorError(MurmurationError):
    """The coordinator answered a request with an error; the text is its own sentence, with control
    characters written by their codes."""


class MalformedError(CoordinatorError):
    """The coordinator could not read the request."""


class UnsupportedError(CoordinatorError):
    """The coordinator does not know this kind of request."""


class LimitError(CoordinatorError):
    """Something in the request is longer or more than the wire allows."""


class UnauthorizedError(CoordinatorError):
    """This key may not do that."""


class NoPopulationError(CoordinatorError):
    """The coordinator has no such population."""


class SpaceMismatchError(CoordinatorError):
    """The worker's search space differs from the population's."""


class UnknownLeaseError(CoordinatorError):
    """The coordinator has no such lease."""


class LeaseLapsedError(CoordinatorError):
    """The lease ended because nothing was heard of the worker for too long."""


class StaleSequenceError(CoordinatorError):
    """A newer report was accepted under this lease."""


class UnavailableError(CoordinatorError):
    """The coordinator cannot serve requests at the moment."""


class UnsupportedVersionError(CoordinatorError):
    """Client and coordinator have no version of the protocol in common."""


class ConflictError(CoordinatorError):
    """The request names something that is taken, or does not fit what is there."""


class InvalidError(CoordinatorError):
    """A value in the request is not allowed."""


class NoMemberError(CoordinatorError):
    """The population has no such member."""


_BY_CODE: dict[int, type[CoordinatorError]] = {
    wire.Error.CODE_MALFORMED: MalformedError,
    wire.Error.CODE_UNSUPPORTED: UnsupportedError,
    wire.Error.CODE_LIMIT: LimitError,
    wire.Error.CODE_UNAUTHORIZED: UnauthorizedError,
    wire.Error.CODE_NO_POPULATION: NoPopulationError,
    wire.Error.CODE_SPACE_MISMATCH: SpaceMismatchError,
    wire.Error.CODE_UNKNOWN_LEASE: UnknownLeaseError,
    wire.Error.CODE_LEASE_LAPSED: LeaseLapsedError,
    wire.Error.CODE_STALE_SEQUENCE: StaleSequenceError,
    wire.Error.CODE_UNAVAILABLE: UnavailableError,
    wire.Error.CODE_UNSUPPORTED_VERSION: UnsupportedVersionError,
    wire.Error.CODE_CONFLICT: ConflictError,
    wire.Error.CODE_INVALID: InvalidError,
    wire.Error.CODE_NO_MEMBER: NoMemberError,
}


def error_from_wire(error: wire.Error) -> CoordinatorError:
    """The exception for an error that came over the wire."""
    kind = _BY_CODE.get(error.code, CoordinatorError)
    text = (
        escaped(error.message)
        or f"The coordinator answered with the error {error.code} and no reason."
    )
    if error.code == wire.Error.CODE_UNSUPPORTED_VERSION and not error.message:
        text = (
            f"The coordinator speaks the versions {error.min_version} to {error.max_version} of "
            "the protocol, which this package does not: install a package that fits it."
        )
    return kind(text)
