"""Murmuration's Python client: workers that train populations, and monitors that watch them."""

from murmuration.address import Address
from murmuration.administrator import Administrator
from murmuration.checkpoints import restored, writing
from murmuration.errors import (
    AddressError,
    BusyError,
    CheckpointError,
    ConflictError,
    CoordinatorError,
    ForkedError,
    InvalidError,
    LeaseLapsedError,
    LibraryError,
    LimitError,
    MalformedError,
    MurmurationError,
    NoMemberError,
    NoPopulationError,
    NothingToExploitError,
    NothingToTrainError,
    RankError,
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
from murmuration.events import Event, Segment
from murmuration.keys import Key, Quota, Role
from murmuration.monitor import Monitor
from murmuration.pbt_client import PBTClient
from murmuration.pbt_server import PBTServer
from murmuration.populations import Dimension, Population
from murmuration.preemption import Preempted, preemptible
from murmuration.sockets import Timing
from murmuration.values import Action, Directive, Entry, Leaderboard, Summary, Value
from murmuration.worker import Worker

__all__ = [
    "Action",
    "Address",
    "AddressError",
    "Administrator",
    "BusyError",
    "CheckpointError",
    "ConflictError",
    "CoordinatorError",
    "Dimension",
    "Directive",
    "Entry",
    "Event",
    "ForkedError",
    "InvalidError",
    "Key",
    "Leaderboard",
    "LeaseLapsedError",
    "LibraryError",
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
    "Population",
    "Preempted",
    "Quota",
    "RankError",
    "RefusedError",
    "Role",
    "Segment",
    "ServerError",
    "Settings",
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
    "preemptible",
    "restored",
    "writing",
]
