"""Murmuration's Python client: workers that train populations, and monitors that watch them."""

from murmuration.address import Address
from murmuration.errors import (
    AddressError,
    ConflictError,
    CoordinatorError,
    ForkedError,
    InvalidError,
    LeaseLapsedError,
    LimitError,
    MalformedError,
    MurmurationError,
    NoMemberError,
    NoPopulationError,
    NothingToExploitError,
    NothingToTrainError,
    RefusedError,
    ServerError,
    SpaceMismatchError,
    StaleSequenceError,
    UnauthorizedError,
    UnavailableError,
    UnknownLeaseError,
    UnreachableError,
    UnsupportedError,
    UnsupportedVersionError,
    WeakKeyError,
)
from murmuration.monitor import Monitor
from murmuration.pbt_client import PBTClient
from murmuration.pbt_server import PBTServer
from murmuration.sockets import Timing
from murmuration.values import Action, Directive, Entry, Leaderboard, Summary, Value
from murmuration.worker import Worker

__all__ = [
    "Action",
    "Address",
    "AddressError",
    "ConflictError",
    "CoordinatorError",
    "Directive",
    "Entry",
    "ForkedError",
    "InvalidError",
    "Leaderboard",
    "LeaseLapsedError",
    "LimitError",
    "MalformedError",
    "Monitor",
    "MurmurationError",
    "NoMemberError",
    "NoPopulationError",
    "NothingToExploitError",
    "NothingToTrainError",
    "PBTClient",
    "PBTServer",
    "RefusedError",
    "ServerError",
    "SpaceMismatchError",
    "StaleSequenceError",
    "Summary",
    "Timing",
    "UnauthorizedError",
    "UnavailableError",
    "UnknownLeaseError",
    "UnreachableError",
    "UnsupportedError",
    "UnsupportedVersionError",
    "Value",
    "WeakKeyError",
    "Worker",
]
