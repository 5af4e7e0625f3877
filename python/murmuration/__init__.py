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
    NothingToTrainError,
    RefusedError,
    SpaceMismatchError,
    StaleSequenceError,
    UnauthorizedError,
    UnavailableError,
    UnknownLeaseError,
    UnreachableError,
    UnsupportedError,
    UnsupportedVersionError,
)
from murmuration.monitor import Monitor
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
    "NothingToTrainError",
    "RefusedError",
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
    "Worker",
]
