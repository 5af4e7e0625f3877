"""Murmuration's Python client: workers that train populations, and monitors that watch them.

What is public is listed in `__all__`, and in the modules without an underscore: `adapters` saves
and loads what the common libraries train, `distributed` makes one worker of several processes,
`ray` trains on a Ray cluster, `errors` has every error, and `events` has what a history tells.
`v1` is the generated code of the wire, and changes with the protocol.
"""

from murmuration._administrator import Administrator
from murmuration._checkpoints import writing
from murmuration._connection.address import Address
from murmuration._connection.timing import Timing
from murmuration._keys import Key, Quota, Role
from murmuration._monitor import Monitor
from murmuration._nesting import nested
from murmuration._pbt_client import PBTClient
from murmuration._pbt_server import PBTServer
from murmuration._populations import Beginning, Dimension, Population
from murmuration._preemption import Preempted, preemptible
from murmuration._restoring import restored
from murmuration._settings import Settings
from murmuration._values import Action, Directive, Entry, Leaderboard, Summary, Value
from murmuration._version import __version__
from murmuration._worker import Worker
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
    TrainingError,
    UnauthorizedError,
    UnavailableError,
    UnknownLeaseError,
    UnreachableError,
    UnsupportedError,
    UnsupportedVersionError,
    WeakKeyError,
)
from murmuration.events import Event, Segment

__all__ = [
    "Action",
    "Address",
    "AddressError",
    "Administrator",
    "Beginning",
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
    "TrainingError",
    "UnauthorizedError",
    "UnavailableError",
    "UnknownLeaseError",
    "UnreachableError",
    "UnsupportedError",
    "UnsupportedVersionError",
    "Value",
    "WeakKeyError",
    "Worker",
    "__version__",
    "nested",
    "preemptible",
    "restored",
    "writing",
]
