from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
EFFECT_APPLIED: Effect
EFFECT_DECLINED: Effect
EFFECT_UNSPECIFIED: Effect
FALLBACK_DONOR: Fallback
FALLBACK_PREVIOUS: Fallback
FALLBACK_START: Fallback
FALLBACK_UNSPECIFIED: Fallback
HISTORY_PART_DESCENT: HistoryPart
HISTORY_PART_POPULATION: HistoryPart
HISTORY_PART_UNSPECIFIED: HistoryPart
ROLE_ADMIN: Role
ROLE_MONITOR: Role
ROLE_UNSPECIFIED: Role
ROLE_WORKER: Role
STATUS_ACTIVE: Status
STATUS_ENDED: Status
STATUS_PAUSED: Status
STATUS_UNSPECIFIED: Status

class AddMembers(_message.Message):
    __slots__ = ["members"]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    members: int
    def __init__(self, members: _Optional[int] = ...) -> None: ...

class Alive(_message.Message):
    __slots__ = ["gone"]
    GONE_FIELD_NUMBER: _ClassVar[int]
    gone: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gone: _Optional[_Iterable[int]] = ...) -> None: ...

class Broadcast(_message.Message):
    __slots__ = ["committed", "counter", "epoch", "leaderboard", "lineage"]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LEADERBOARD_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_FIELD_NUMBER: _ClassVar[int]
    committed: int
    counter: int
    epoch: int
    leaderboard: Leaderboard
    lineage: Lineage
    def __init__(self, epoch: _Optional[int] = ..., counter: _Optional[int] = ..., committed: _Optional[int] = ..., leaderboard: _Optional[_Union[Leaderboard, _Mapping]] = ..., lineage: _Optional[_Union[Lineage, _Mapping]] = ...) -> None: ...

class ChangePopulation(_message.Message):
    __slots__ = ["add_members", "end", "key", "pause", "population", "remove_member", "resume", "settings"]
    ADD_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    REMOVE_MEMBER_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    add_members: AddMembers
    end: End
    key: bytes
    pause: Pause
    population: str
    remove_member: RemoveMember
    resume: Resume
    settings: Settings
    def __init__(self, key: _Optional[bytes] = ..., population: _Optional[str] = ..., pause: _Optional[_Union[Pause, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., end: _Optional[_Union[End, _Mapping]] = ..., add_members: _Optional[_Union[AddMembers, _Mapping]] = ..., remove_member: _Optional[_Union[RemoveMember, _Mapping]] = ..., settings: _Optional[_Union[Settings, _Mapping]] = ...) -> None: ...

class Continue(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class CreatePopulation(_message.Message):
    __slots__ = ["fraction", "generation_deadline_seconds", "interval", "key", "max_steps", "minimize", "name", "population_size", "seed", "settings", "source", "space", "synchronous"]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_DEADLINE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MINIMIZE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    POPULATION_SIZE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONOUS_FIELD_NUMBER: _ClassVar[int]
    fraction: float
    generation_deadline_seconds: float
    interval: int
    key: bytes
    max_steps: int
    minimize: bool
    name: str
    population_size: int
    seed: int
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    source: str
    space: str
    synchronous: bool
    def __init__(self, key: _Optional[bytes] = ..., name: _Optional[str] = ..., space: _Optional[str] = ..., source: _Optional[str] = ..., population_size: _Optional[int] = ..., interval: _Optional[int] = ..., max_steps: _Optional[int] = ..., minimize: bool = ..., seed: _Optional[int] = ..., fraction: _Optional[float] = ..., synchronous: bool = ..., generation_deadline_seconds: _Optional[float] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ...) -> None: ...

class Decline(_message.Message):
    __slots__ = ["key", "lease", "reason"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    lease: int
    reason: str
    def __init__(self, key: _Optional[bytes] = ..., lease: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class Dimension(_message.Message):
    __slots__ = ["beginning", "kind", "log", "max", "min", "name", "step", "unbounded", "values", "when"]
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    class Unbounded(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    class Beginning(_message.Message):
        __slots__ = ["draw", "max", "mean", "min", "sd"]
        DRAW_FIELD_NUMBER: _ClassVar[int]
        MAX_FIELD_NUMBER: _ClassVar[int]
        MEAN_FIELD_NUMBER: _ClassVar[int]
        MIN_FIELD_NUMBER: _ClassVar[int]
        SD_FIELD_NUMBER: _ClassVar[int]
        draw: str
        max: float
        mean: float
        min: float
        sd: float
        def __init__(self, draw: _Optional[str] = ..., mean: _Optional[float] = ..., sd: _Optional[float] = ..., min: _Optional[float] = ..., max: _Optional[float] = ...) -> None: ...
    class Condition(_message.Message):
        __slots__ = ["name", "values"]
        NAME_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        name: str
        values: _containers.RepeatedCompositeFieldContainer[Value]
        def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...
    BEGINNING_FIELD_NUMBER: _ClassVar[int]
    KIND_BOOL: Dimension.Kind
    KIND_CHOICE: Dimension.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    KIND_FIXED: Dimension.Kind
    KIND_INTEGER: Dimension.Kind
    KIND_NUMBER: Dimension.Kind
    KIND_ORDINAL: Dimension.Kind
    KIND_UNSPECIFIED: Dimension.Kind
    LOG_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    UNBOUNDED_ABOVE: Dimension.Unbounded
    UNBOUNDED_BELOW: Dimension.Unbounded
    UNBOUNDED_BOTH: Dimension.Unbounded
    UNBOUNDED_FIELD_NUMBER: _ClassVar[int]
    UNBOUNDED_UNSPECIFIED: Dimension.Unbounded
    VALUES_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    beginning: Dimension.Beginning
    kind: Dimension.Kind
    log: bool
    max: float
    min: float
    name: str
    step: float
    unbounded: Dimension.Unbounded
    values: _containers.RepeatedCompositeFieldContainer[Value]
    when: _containers.RepeatedCompositeFieldContainer[Dimension.Condition]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[Dimension.Kind, str]] = ..., min: _Optional[float] = ..., max: _Optional[float] = ..., log: bool = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., step: _Optional[float] = ..., unbounded: _Optional[_Union[Dimension.Unbounded, str]] = ..., beginning: _Optional[_Union[Dimension.Beginning, _Mapping]] = ..., when: _Optional[_Iterable[_Union[Dimension.Condition, _Mapping]]] = ...) -> None: ...

class Directive(_message.Message):
    __slots__ = ["exploit", "lease", "released", "same", "stop", "wait"]
    CONTINUE_FIELD_NUMBER: _ClassVar[int]
    EXPLOIT_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    exploit: Exploit
    lease: Lease
    released: _containers.RepeatedCompositeFieldContainer[Release]
    same: Same
    stop: Stop
    wait: Wait
    def __init__(self, exploit: _Optional[_Union[Exploit, _Mapping]] = ..., same: _Optional[_Union[Same, _Mapping]] = ..., lease: _Optional[_Union[Lease, _Mapping]] = ..., wait: _Optional[_Union[Wait, _Mapping]] = ..., stop: _Optional[_Union[Stop, _Mapping]] = ..., released: _Optional[_Iterable[_Union[Release, _Mapping]]] = ..., **kwargs) -> None: ...

class End(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Entry(_message.Message):
    __slots__ = ["checkpoint", "donor", "hyperparameters", "inherited", "member", "rank", "score", "state", "step"]
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DONOR_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    INHERITED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FINISHED: Entry.State
    STATE_LOST: Entry.State
    STATE_TRAINING: Entry.State
    STATE_UNSPECIFIED: Entry.State
    STATE_WAITING: Entry.State
    STEP_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    donor: int
    hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
    inherited: bool
    member: int
    rank: int
    score: float
    state: Entry.State
    step: int
    def __init__(self, rank: _Optional[int] = ..., member: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., checkpoint: _Optional[str] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., state: _Optional[_Union[Entry.State, str]] = ..., inherited: bool = ..., donor: _Optional[int] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ["code", "max_version", "message", "min_version"]
    class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    CODE_CONFLICT: Error.Code
    CODE_FIELD_NUMBER: _ClassVar[int]
    CODE_INVALID: Error.Code
    CODE_LEASE_LAPSED: Error.Code
    CODE_LIMIT: Error.Code
    CODE_MALFORMED: Error.Code
    CODE_NO_MEMBER: Error.Code
    CODE_NO_POPULATION: Error.Code
    CODE_SPACE_MISMATCH: Error.Code
    CODE_STALE_SEQUENCE: Error.Code
    CODE_UNAUTHORIZED: Error.Code
    CODE_UNAVAILABLE: Error.Code
    CODE_UNKNOWN_LEASE: Error.Code
    CODE_UNSPECIFIED: Error.Code
    CODE_UNSUPPORTED: Error.Code
    CODE_UNSUPPORTED_VERSION: Error.Code
    MAX_VERSION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    code: Error.Code
    max_version: int
    message: str
    min_version: int
    def __init__(self, code: _Optional[_Union[Error.Code, str]] = ..., message: _Optional[str] = ..., min_version: _Optional[int] = ..., max_version: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ["changed", "created", "declined", "ended", "exploited", "generation_closed", "leased", "member", "paused", "released", "removed", "reported", "resumed", "sequence", "time_milliseconds"]
    class Changed(_message.Message):
        __slots__ = ["after", "before"]
        AFTER_FIELD_NUMBER: _ClassVar[int]
        BEFORE_FIELD_NUMBER: _ClassVar[int]
        after: Settings
        before: Settings
        def __init__(self, before: _Optional[_Union[Settings, _Mapping]] = ..., after: _Optional[_Union[Settings, _Mapping]] = ...) -> None: ...
    class Created(_message.Message):
        __slots__ = ["hyperparameters"]
        HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
        hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
        def __init__(self, hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ...) -> None: ...
    class Declined(_message.Message):
        __slots__ = ["exploit", "fallback", "reason"]
        EXPLOIT_FIELD_NUMBER: _ClassVar[int]
        FALLBACK_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        exploit: Event.Exploit
        fallback: Fallback
        reason: str
        def __init__(self, reason: _Optional[str] = ..., fallback: _Optional[_Union[Fallback, str]] = ..., exploit: _Optional[_Union[Event.Exploit, _Mapping]] = ...) -> None: ...
    class Exploit(_message.Message):
        __slots__ = ["checkpoint", "donor", "donor_hyperparameters", "donor_report", "hyperparameters", "operations", "score", "step"]
        CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
        DONOR_FIELD_NUMBER: _ClassVar[int]
        DONOR_HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
        DONOR_REPORT_FIELD_NUMBER: _ClassVar[int]
        HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
        OPERATIONS_FIELD_NUMBER: _ClassVar[int]
        SCORE_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        checkpoint: str
        donor: int
        donor_hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
        donor_report: int
        hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
        operations: _containers.RepeatedScalarFieldContainer[str]
        score: float
        step: int
        def __init__(self, donor: _Optional[int] = ..., donor_report: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., checkpoint: _Optional[str] = ..., donor_hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., operations: _Optional[_Iterable[str]] = ...) -> None: ...
    class Exploited(_message.Message):
        __slots__ = ["exploit", "generation", "rank", "ranked", "report", "score", "step", "verdict"]
        EXPLOIT_FIELD_NUMBER: _ClassVar[int]
        GENERATION_FIELD_NUMBER: _ClassVar[int]
        RANKED_FIELD_NUMBER: _ClassVar[int]
        RANK_FIELD_NUMBER: _ClassVar[int]
        REPORT_FIELD_NUMBER: _ClassVar[int]
        SCORE_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        VERDICT_FIELD_NUMBER: _ClassVar[int]
        exploit: Event.Exploit
        generation: int
        rank: int
        ranked: int
        report: int
        score: float
        step: int
        verdict: Event.Verdict
        def __init__(self, generation: _Optional[int] = ..., rank: _Optional[int] = ..., ranked: _Optional[int] = ..., exploit: _Optional[_Union[Event.Exploit, _Mapping]] = ..., report: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., verdict: _Optional[_Union[Event.Verdict, _Mapping]] = ...) -> None: ...
    class GenerationClosed(_message.Message):
        __slots__ = ["by_deadline", "generation", "reported"]
        BY_DEADLINE_FIELD_NUMBER: _ClassVar[int]
        GENERATION_FIELD_NUMBER: _ClassVar[int]
        REPORTED_FIELD_NUMBER: _ClassVar[int]
        by_deadline: bool
        generation: int
        reported: int
        def __init__(self, generation: _Optional[int] = ..., reported: _Optional[int] = ..., by_deadline: bool = ...) -> None: ...
    class Leased(_message.Message):
        __slots__ = ["worker"]
        WORKER_FIELD_NUMBER: _ClassVar[int]
        worker: str
        def __init__(self, worker: _Optional[str] = ...) -> None: ...
    class Released(_message.Message):
        __slots__ = ["reason"]
        REASON_FIELD_NUMBER: _ClassVar[int]
        reason: str
        def __init__(self, reason: _Optional[str] = ...) -> None: ...
    class Removed(_message.Message):
        __slots__ = []
        def __init__(self) -> None: ...
    class Reported(_message.Message):
        __slots__ = ["checkpoint", "declined", "exploit", "generation", "hyperparameters", "metrics", "place", "placed", "rank", "ranked", "report", "score", "step", "verdict"]
        CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
        DECLINED_FIELD_NUMBER: _ClassVar[int]
        EXPLOIT_FIELD_NUMBER: _ClassVar[int]
        GENERATION_FIELD_NUMBER: _ClassVar[int]
        HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
        METRICS_FIELD_NUMBER: _ClassVar[int]
        PLACED_FIELD_NUMBER: _ClassVar[int]
        PLACE_FIELD_NUMBER: _ClassVar[int]
        RANKED_FIELD_NUMBER: _ClassVar[int]
        RANK_FIELD_NUMBER: _ClassVar[int]
        REPORT_FIELD_NUMBER: _ClassVar[int]
        SCORE_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        VERDICT_FIELD_NUMBER: _ClassVar[int]
        checkpoint: str
        declined: bool
        exploit: Event.Exploit
        generation: int
        hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
        metrics: _containers.RepeatedCompositeFieldContainer[Metric]
        place: int
        placed: int
        rank: int
        ranked: int
        report: int
        score: float
        step: int
        verdict: Event.Verdict
        def __init__(self, report: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., checkpoint: _Optional[str] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ..., declined: bool = ..., rank: _Optional[int] = ..., ranked: _Optional[int] = ..., exploit: _Optional[_Union[Event.Exploit, _Mapping]] = ..., generation: _Optional[int] = ..., place: _Optional[int] = ..., placed: _Optional[int] = ..., verdict: _Optional[_Union[Event.Verdict, _Mapping]] = ...) -> None: ...
    class Verdict(_message.Message):
        __slots__ = ["facts", "outcome", "ranking", "rule"]
        class Fact(_message.Message):
            __slots__ = ["name", "value"]
            NAME_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            name: str
            value: float
            def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
        FACTS_FIELD_NUMBER: _ClassVar[int]
        OUTCOME_FIELD_NUMBER: _ClassVar[int]
        RANKING_FIELD_NUMBER: _ClassVar[int]
        RULE_FIELD_NUMBER: _ClassVar[int]
        facts: _containers.RepeatedCompositeFieldContainer[Event.Verdict.Fact]
        outcome: str
        ranking: str
        rule: str
        def __init__(self, rule: _Optional[str] = ..., ranking: _Optional[str] = ..., outcome: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[Event.Verdict.Fact, _Mapping]]] = ...) -> None: ...
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    DECLINED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    EXPLOITED_FIELD_NUMBER: _ClassVar[int]
    GENERATION_CLOSED_FIELD_NUMBER: _ClassVar[int]
    LEASED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    REPORTED_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    changed: Event.Changed
    created: Event.Created
    declined: Event.Declined
    ended: End
    exploited: Event.Exploited
    generation_closed: Event.GenerationClosed
    leased: Event.Leased
    member: int
    paused: Pause
    released: Event.Released
    removed: Event.Removed
    reported: Event.Reported
    resumed: Resume
    sequence: int
    time_milliseconds: int
    def __init__(self, sequence: _Optional[int] = ..., time_milliseconds: _Optional[int] = ..., member: _Optional[int] = ..., created: _Optional[_Union[Event.Created, _Mapping]] = ..., leased: _Optional[_Union[Event.Leased, _Mapping]] = ..., reported: _Optional[_Union[Event.Reported, _Mapping]] = ..., declined: _Optional[_Union[Event.Declined, _Mapping]] = ..., released: _Optional[_Union[Event.Released, _Mapping]] = ..., removed: _Optional[_Union[Event.Removed, _Mapping]] = ..., paused: _Optional[_Union[Pause, _Mapping]] = ..., resumed: _Optional[_Union[Resume, _Mapping]] = ..., ended: _Optional[_Union[End, _Mapping]] = ..., changed: _Optional[_Union[Event.Changed, _Mapping]] = ..., exploited: _Optional[_Union[Event.Exploited, _Mapping]] = ..., generation_closed: _Optional[_Union[Event.GenerationClosed, _Mapping]] = ...) -> None: ...

class Exploit(_message.Message):
    __slots__ = ["checkpoint", "donor", "donor_hyperparameters", "hyperparameters", "score", "step"]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    DONOR_FIELD_NUMBER: _ClassVar[int]
    DONOR_HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    donor: int
    donor_hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
    hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
    score: float
    step: int
    def __init__(self, donor: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., checkpoint: _Optional[str] = ..., donor_hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ...) -> None: ...

class GetHistory(_message.Message):
    __slots__ = ["after", "limit", "member", "part", "population"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    after: int
    limit: int
    member: int
    part: HistoryPart
    population: str
    def __init__(self, population: _Optional[str] = ..., after: _Optional[int] = ..., member: _Optional[int] = ..., limit: _Optional[int] = ..., part: _Optional[_Union[HistoryPart, str]] = ...) -> None: ...

class GetLeaderboard(_message.Message):
    __slots__ = ["limit", "offset", "population"]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    limit: int
    offset: int
    population: str
    def __init__(self, population: _Optional[str] = ..., offset: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class GetSchedule(_message.Message):
    __slots__ = ["best", "member", "offset", "population"]
    BEST_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    best: bool
    member: int
    offset: int
    population: str
    def __init__(self, population: _Optional[str] = ..., member: _Optional[int] = ..., offset: _Optional[int] = ..., best: bool = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ["leases"]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, leases: _Optional[_Iterable[int]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ["client", "max_version", "min_version"]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    MAX_VERSION_FIELD_NUMBER: _ClassVar[int]
    MIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    client: str
    max_version: int
    min_version: int
    def __init__(self, min_version: _Optional[int] = ..., max_version: _Optional[int] = ..., client: _Optional[str] = ...) -> None: ...

class History(_message.Message):
    __slots__ = ["events", "more", "pruned_through", "through"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    PRUNED_THROUGH_FIELD_NUMBER: _ClassVar[int]
    THROUGH_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    more: bool
    pruned_through: int
    through: int
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., more: bool = ..., pruned_through: _Optional[int] = ..., through: _Optional[int] = ...) -> None: ...

class Hyperparameter(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: Value
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...

class Invite(_message.Message):
    __slots__ = ["all_populations", "expires_after_seconds", "key", "label", "populations", "public_key", "quota", "role"]
    ALL_POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    all_populations: bool
    expires_after_seconds: int
    key: bytes
    label: str
    populations: _containers.RepeatedScalarFieldContainer[str]
    public_key: bytes
    quota: Quota
    role: Role
    def __init__(self, key: _Optional[bytes] = ..., public_key: _Optional[bytes] = ..., role: _Optional[_Union[Role, str]] = ..., populations: _Optional[_Iterable[str]] = ..., all_populations: bool = ..., expires_after_seconds: _Optional[int] = ..., label: _Optional[str] = ..., quota: _Optional[_Union[Quota, _Mapping]] = ...) -> None: ...

class Invited(_message.Message):
    __slots__ = ["host", "key", "port", "server_key"]
    HOST_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    SERVER_KEY_FIELD_NUMBER: _ClassVar[int]
    host: str
    key: Key
    port: int
    server_key: bytes
    def __init__(self, key: _Optional[_Union[Key, _Mapping]] = ..., server_key: _Optional[bytes] = ..., port: _Optional[int] = ..., host: _Optional[str] = ...) -> None: ...

class Join(_message.Message):
    __slots__ = ["former", "keeps", "key", "lease", "place", "population", "space", "worker"]
    FORMER_FIELD_NUMBER: _ClassVar[int]
    KEEPS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    former: int
    keeps: bool
    key: bytes
    lease: int
    place: str
    population: str
    space: str
    worker: str
    def __init__(self, key: _Optional[bytes] = ..., population: _Optional[str] = ..., worker: _Optional[str] = ..., space: _Optional[str] = ..., lease: _Optional[int] = ..., keeps: bool = ..., former: _Optional[int] = ..., place: _Optional[str] = ...) -> None: ...

class Key(_message.Message):
    __slots__ = ["all_populations", "created_milliseconds", "expires_milliseconds", "label", "leases", "made_members", "made_populations", "populations", "public_key", "quota", "revoked_milliseconds", "role"]
    ALL_POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    CREATED_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    MADE_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MADE_POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    REVOKED_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    all_populations: bool
    created_milliseconds: int
    expires_milliseconds: int
    label: str
    leases: int
    made_members: int
    made_populations: int
    populations: _containers.RepeatedScalarFieldContainer[str]
    public_key: bytes
    quota: Quota
    revoked_milliseconds: int
    role: Role
    def __init__(self, public_key: _Optional[bytes] = ..., role: _Optional[_Union[Role, str]] = ..., populations: _Optional[_Iterable[str]] = ..., all_populations: bool = ..., label: _Optional[str] = ..., created_milliseconds: _Optional[int] = ..., expires_milliseconds: _Optional[int] = ..., revoked_milliseconds: _Optional[int] = ..., quota: _Optional[_Union[Quota, _Mapping]] = ..., made_populations: _Optional[int] = ..., made_members: _Optional[int] = ..., leases: _Optional[int] = ...) -> None: ...

class Keys(_message.Message):
    __slots__ = ["keys", "more"]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[Key]
    more: bool
    def __init__(self, keys: _Optional[_Iterable[_Union[Key, _Mapping]]] = ..., more: bool = ...) -> None: ...

class Leaderboard(_message.Message):
    __slots__ = ["best", "entries", "minimize", "offset", "population", "summary"]
    BEST_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    MINIMIZE_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    best: Entry
    entries: _containers.RepeatedCompositeFieldContainer[Entry]
    minimize: bool
    offset: int
    population: str
    summary: Summary
    def __init__(self, population: _Optional[str] = ..., minimize: bool = ..., entries: _Optional[_Iterable[_Union[Entry, _Mapping]]] = ..., offset: _Optional[int] = ..., summary: _Optional[_Union[Summary, _Mapping]] = ..., best: _Optional[_Union[Entry, _Mapping]] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ["checkpoint", "conditional", "hyperparameters", "inherited", "max_steps", "member", "population", "sequence", "step", "target_step", "token"]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CONDITIONAL_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    INHERITED_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    TARGET_STEP_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    conditional: _containers.RepeatedScalarFieldContainer[str]
    hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
    inherited: bool
    max_steps: int
    member: int
    population: str
    sequence: int
    step: int
    target_step: int
    token: int
    def __init__(self, token: _Optional[int] = ..., member: _Optional[int] = ..., step: _Optional[int] = ..., target_step: _Optional[int] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., checkpoint: _Optional[str] = ..., sequence: _Optional[int] = ..., population: _Optional[str] = ..., max_steps: _Optional[int] = ..., inherited: bool = ..., conditional: _Optional[_Iterable[str]] = ...) -> None: ...

class Leave(_message.Message):
    __slots__ = ["key", "lease", "place"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    lease: int
    place: str
    def __init__(self, key: _Optional[bytes] = ..., lease: _Optional[int] = ..., place: _Optional[str] = ...) -> None: ...

class Left(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Lineage(_message.Message):
    __slots__ = ["events", "population"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    population: str
    def __init__(self, population: _Optional[str] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...

class ListKeys(_message.Message):
    __slots__ = ["after"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: bytes
    def __init__(self, after: _Optional[bytes] = ...) -> None: ...

class ListPopulations(_message.Message):
    __slots__ = ["after"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    after: str
    def __init__(self, after: _Optional[str] = ...) -> None: ...

class Metric(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class Pause(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Population(_message.Message):
    __slots__ = ["burn_in", "constraints", "exploits", "finished", "fraction", "generation", "generation_deadline_seconds", "generation_reported", "grows", "hyperparameters", "interval", "lost", "max_steps", "members", "min_population_size", "minimize", "name", "obstacle", "perturbation_factors", "removed", "reports", "resample_probability", "seed", "settings", "space", "status", "synchronous", "training"]
    BURN_IN_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    EXPLOITS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_DEADLINE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_REPORTED_FIELD_NUMBER: _ClassVar[int]
    GROWS_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MINIMIZE_FIELD_NUMBER: _ClassVar[int]
    MIN_POPULATION_SIZE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OBSTACLE_FIELD_NUMBER: _ClassVar[int]
    PERTURBATION_FACTORS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    RESAMPLE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    SPACE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONOUS_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    burn_in: int
    constraints: _containers.RepeatedScalarFieldContainer[str]
    exploits: int
    finished: int
    fraction: float
    generation: int
    generation_deadline_seconds: float
    generation_reported: int
    grows: bool
    hyperparameters: _containers.RepeatedScalarFieldContainer[str]
    interval: int
    lost: int
    max_steps: int
    members: int
    min_population_size: int
    minimize: bool
    name: str
    obstacle: str
    perturbation_factors: _containers.RepeatedScalarFieldContainer[float]
    removed: int
    reports: int
    resample_probability: float
    seed: int
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    space: _containers.RepeatedCompositeFieldContainer[Dimension]
    status: Status
    synchronous: bool
    training: int
    def __init__(self, name: _Optional[str] = ..., members: _Optional[int] = ..., minimize: bool = ..., interval: _Optional[int] = ..., max_steps: _Optional[int] = ..., seed: _Optional[int] = ..., finished: _Optional[int] = ..., training: _Optional[int] = ..., reports: _Optional[int] = ..., exploits: _Optional[int] = ..., hyperparameters: _Optional[_Iterable[str]] = ..., status: _Optional[_Union[Status, str]] = ..., lost: _Optional[int] = ..., removed: _Optional[int] = ..., burn_in: _Optional[int] = ..., fraction: _Optional[float] = ..., min_population_size: _Optional[int] = ..., resample_probability: _Optional[float] = ..., perturbation_factors: _Optional[_Iterable[float]] = ..., grows: bool = ..., space: _Optional[_Iterable[_Union[Dimension, _Mapping]]] = ..., synchronous: bool = ..., generation: _Optional[int] = ..., generation_reported: _Optional[int] = ..., generation_deadline_seconds: _Optional[float] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ..., obstacle: _Optional[str] = ..., constraints: _Optional[_Iterable[str]] = ...) -> None: ...

class Populations(_message.Message):
    __slots__ = ["more", "populations"]
    MORE_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    more: bool
    populations: _containers.RepeatedCompositeFieldContainer[Population]
    def __init__(self, populations: _Optional[_Iterable[_Union[Population, _Mapping]]] = ..., more: bool = ...) -> None: ...

class Quota(_message.Message):
    __slots__ = ["joins_per_second", "members", "outstanding", "populations"]
    JOINS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    OUTSTANDING_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    joins_per_second: int
    members: int
    outstanding: int
    populations: int
    def __init__(self, outstanding: _Optional[int] = ..., joins_per_second: _Optional[int] = ..., populations: _Optional[int] = ..., members: _Optional[int] = ...) -> None: ...

class Release(_message.Message):
    __slots__ = ["checkpoint", "number"]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    number: int
    def __init__(self, number: _Optional[int] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class RemoveMember(_message.Message):
    __slots__ = ["member"]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: int
    def __init__(self, member: _Optional[int] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ["alive", "broadcast", "committed", "directive", "epoch", "error", "history", "id", "invited", "key", "keys", "leaderboard", "left", "population", "populations", "schedule", "subscribed", "welcome"]
    ALIVE_FIELD_NUMBER: _ClassVar[int]
    BROADCAST_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_FIELD_NUMBER: _ClassVar[int]
    DIRECTIVE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INVITED_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LEADERBOARD_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    POPULATION_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    alive: Alive
    broadcast: Broadcast
    committed: int
    directive: Directive
    epoch: int
    error: Error
    history: History
    id: int
    invited: Invited
    key: Key
    keys: Keys
    leaderboard: Leaderboard
    left: Left
    population: Population
    populations: Populations
    schedule: Schedule
    subscribed: Subscribed
    welcome: Welcome
    def __init__(self, id: _Optional[int] = ..., epoch: _Optional[int] = ..., committed: _Optional[int] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., welcome: _Optional[_Union[Welcome, _Mapping]] = ..., directive: _Optional[_Union[Directive, _Mapping]] = ..., left: _Optional[_Union[Left, _Mapping]] = ..., alive: _Optional[_Union[Alive, _Mapping]] = ..., population: _Optional[_Union[Population, _Mapping]] = ..., populations: _Optional[_Union[Populations, _Mapping]] = ..., leaderboard: _Optional[_Union[Leaderboard, _Mapping]] = ..., history: _Optional[_Union[History, _Mapping]] = ..., schedule: _Optional[_Union[Schedule, _Mapping]] = ..., subscribed: _Optional[_Union[Subscribed, _Mapping]] = ..., broadcast: _Optional[_Union[Broadcast, _Mapping]] = ..., invited: _Optional[_Union[Invited, _Mapping]] = ..., keys: _Optional[_Union[Keys, _Mapping]] = ..., key: _Optional[_Union[Key, _Mapping]] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ["checkpoint", "effect", "hyperparameters", "lease", "metrics", "released", "score", "sequence", "step"]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    effect: Effect
    hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
    lease: int
    metrics: _containers.RepeatedCompositeFieldContainer[Metric]
    released: _containers.RepeatedScalarFieldContainer[int]
    score: float
    sequence: int
    step: int
    def __init__(self, lease: _Optional[int] = ..., sequence: _Optional[int] = ..., step: _Optional[int] = ..., score: _Optional[float] = ..., checkpoint: _Optional[str] = ..., metrics: _Optional[_Iterable[_Union[Metric, _Mapping]]] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ..., effect: _Optional[_Union[Effect, str]] = ..., released: _Optional[_Iterable[int]] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ["change_population", "create_population", "decline", "get_history", "get_leaderboard", "get_schedule", "heartbeat", "hello", "id", "invite", "join", "leave", "list_keys", "list_populations", "report", "revoke_key", "subscribe"]
    CHANGE_POPULATION_FIELD_NUMBER: _ClassVar[int]
    CREATE_POPULATION_FIELD_NUMBER: _ClassVar[int]
    DECLINE_FIELD_NUMBER: _ClassVar[int]
    GET_HISTORY_FIELD_NUMBER: _ClassVar[int]
    GET_LEADERBOARD_FIELD_NUMBER: _ClassVar[int]
    GET_SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INVITE_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    LEAVE_FIELD_NUMBER: _ClassVar[int]
    LIST_KEYS_FIELD_NUMBER: _ClassVar[int]
    LIST_POPULATIONS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REVOKE_KEY_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBE_FIELD_NUMBER: _ClassVar[int]
    change_population: ChangePopulation
    create_population: CreatePopulation
    decline: Decline
    get_history: GetHistory
    get_leaderboard: GetLeaderboard
    get_schedule: GetSchedule
    heartbeat: Heartbeat
    hello: Hello
    id: int
    invite: Invite
    join: Join
    leave: Leave
    list_keys: ListKeys
    list_populations: ListPopulations
    report: Report
    revoke_key: RevokeKey
    subscribe: Subscribe
    def __init__(self, id: _Optional[int] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., join: _Optional[_Union[Join, _Mapping]] = ..., report: _Optional[_Union[Report, _Mapping]] = ..., decline: _Optional[_Union[Decline, _Mapping]] = ..., leave: _Optional[_Union[Leave, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., create_population: _Optional[_Union[CreatePopulation, _Mapping]] = ..., list_populations: _Optional[_Union[ListPopulations, _Mapping]] = ..., get_leaderboard: _Optional[_Union[GetLeaderboard, _Mapping]] = ..., get_history: _Optional[_Union[GetHistory, _Mapping]] = ..., get_schedule: _Optional[_Union[GetSchedule, _Mapping]] = ..., change_population: _Optional[_Union[ChangePopulation, _Mapping]] = ..., subscribe: _Optional[_Union[Subscribe, _Mapping]] = ..., invite: _Optional[_Union[Invite, _Mapping]] = ..., list_keys: _Optional[_Union[ListKeys, _Mapping]] = ..., revoke_key: _Optional[_Union[RevokeKey, _Mapping]] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class RevokeKey(_message.Message):
    __slots__ = ["key", "public_key"]
    KEY_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    public_key: bytes
    def __init__(self, key: _Optional[bytes] = ..., public_key: _Optional[bytes] = ...) -> None: ...

class Same(_message.Message):
    __slots__ = ["target_step"]
    TARGET_STEP_FIELD_NUMBER: _ClassVar[int]
    target_step: int
    def __init__(self, target_step: _Optional[int] = ...) -> None: ...

class Schedule(_message.Message):
    __slots__ = ["more", "segments"]
    class Segment(_message.Message):
        __slots__ = ["end", "hyperparameters", "member", "start"]
        END_FIELD_NUMBER: _ClassVar[int]
        HYPERPARAMETERS_FIELD_NUMBER: _ClassVar[int]
        MEMBER_FIELD_NUMBER: _ClassVar[int]
        START_FIELD_NUMBER: _ClassVar[int]
        end: int
        hyperparameters: _containers.RepeatedCompositeFieldContainer[Hyperparameter]
        member: int
        start: int
        def __init__(self, member: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., hyperparameters: _Optional[_Iterable[_Union[Hyperparameter, _Mapping]]] = ...) -> None: ...
    MORE_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    more: bool
    segments: _containers.RepeatedCompositeFieldContainer[Schedule.Segment]
    def __init__(self, segments: _Optional[_Iterable[_Union[Schedule.Segment, _Mapping]]] = ..., more: bool = ...) -> None: ...

class Setting(_message.Message):
    __slots__ = ["flag", "integer", "name", "number", "numbers", "word"]
    class Numbers(_message.Message):
        __slots__ = ["numbers"]
        NUMBERS_FIELD_NUMBER: _ClassVar[int]
        numbers: _containers.RepeatedScalarFieldContainer[float]
        def __init__(self, numbers: _Optional[_Iterable[float]] = ...) -> None: ...
    FLAG_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    flag: bool
    integer: int
    name: str
    number: float
    numbers: Setting.Numbers
    word: str
    def __init__(self, name: _Optional[str] = ..., integer: _Optional[int] = ..., number: _Optional[float] = ..., flag: bool = ..., word: _Optional[str] = ..., numbers: _Optional[_Union[Setting.Numbers, _Mapping]] = ...) -> None: ...

class Settings(_message.Message):
    __slots__ = ["burn_in", "fraction", "interval", "max_steps", "min_population_size", "resample_probability", "settings"]
    BURN_IN_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MIN_POPULATION_SIZE_FIELD_NUMBER: _ClassVar[int]
    RESAMPLE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    burn_in: int
    fraction: float
    interval: int
    max_steps: int
    min_population_size: int
    resample_probability: float
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    def __init__(self, max_steps: _Optional[int] = ..., interval: _Optional[int] = ..., burn_in: _Optional[int] = ..., fraction: _Optional[float] = ..., min_population_size: _Optional[int] = ..., resample_probability: _Optional[float] = ..., settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ...) -> None: ...

class Stop(_message.Message):
    __slots__ = ["reason"]
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Subscribe(_message.Message):
    __slots__ = ["topics"]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, topics: _Optional[_Iterable[str]] = ...) -> None: ...

class Subscribed(_message.Message):
    __slots__ = ["milliseconds"]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    milliseconds: int
    def __init__(self, milliseconds: _Optional[int] = ...) -> None: ...

class Summary(_message.Message):
    __slots__ = ["exploits", "finished", "generation", "generation_reported", "grows", "insecure", "lost", "max_steps", "members", "obstacle", "quantiles", "ranked", "reports", "status", "synchronous", "total_steps", "training"]
    EXPLOITS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_REPORTED_FIELD_NUMBER: _ClassVar[int]
    GROWS_FIELD_NUMBER: _ClassVar[int]
    INSECURE_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    OBSTACLE_FIELD_NUMBER: _ClassVar[int]
    QUANTILES_FIELD_NUMBER: _ClassVar[int]
    RANKED_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SYNCHRONOUS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_STEPS_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    exploits: int
    finished: int
    generation: int
    generation_reported: int
    grows: bool
    insecure: bool
    lost: int
    max_steps: int
    members: int
    obstacle: str
    quantiles: _containers.RepeatedScalarFieldContainer[float]
    ranked: int
    reports: int
    status: Status
    synchronous: bool
    total_steps: int
    training: int
    def __init__(self, members: _Optional[int] = ..., ranked: _Optional[int] = ..., training: _Optional[int] = ..., finished: _Optional[int] = ..., reports: _Optional[int] = ..., exploits: _Optional[int] = ..., quantiles: _Optional[_Iterable[float]] = ..., max_steps: _Optional[int] = ..., total_steps: _Optional[int] = ..., insecure: bool = ..., lost: _Optional[int] = ..., status: _Optional[_Union[Status, str]] = ..., grows: bool = ..., synchronous: bool = ..., generation: _Optional[int] = ..., generation_reported: _Optional[int] = ..., obstacle: _Optional[str] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ["flag", "integer", "json", "number", "text"]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    flag: bool
    integer: int
    json: str
    number: float
    text: str
    def __init__(self, number: _Optional[float] = ..., integer: _Optional[int] = ..., text: _Optional[str] = ..., flag: bool = ..., json: _Optional[str] = ...) -> None: ...

class Wait(_message.Message):
    __slots__ = ["milliseconds"]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    milliseconds: int
    def __init__(self, milliseconds: _Optional[int] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ["broadcast_port", "heartbeat_milliseconds", "lease_milliseconds", "return_milliseconds", "version"]
    BROADCAST_PORT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    LEASE_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    RETURN_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    broadcast_port: int
    heartbeat_milliseconds: int
    lease_milliseconds: int
    return_milliseconds: int
    version: int
    def __init__(self, version: _Optional[int] = ..., broadcast_port: _Optional[int] = ..., heartbeat_milliseconds: _Optional[int] = ..., lease_milliseconds: _Optional[int] = ..., return_milliseconds: _Optional[int] = ...) -> None: ...

class Effect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class HistoryPart(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Fallback(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
