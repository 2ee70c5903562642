"""The shapes of what crosses between a controller and a host, and of what lies on the host.

They are for readers and type checkers: nothing imports them when it runs. Whatever comes from a
file or a connection may lack any of it, and is read by ``get`` where that is no error.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Moment(TypedDict):
    """A point in time that a jump of the wall clock doesn't move: seconds since that boot."""

    boot: str
    mono: float


class Holder(TypedDict):
    """A process, by its number and its start in clock ticks since boot."""

    pid: int
    start: int


Lock = TypedDict(
    "Lock",
    {
        "who": str,
        "reason": str,
        "since": str,
        "until": float | None,
        "for": float | None,
        "moment": object,
    },
    total=False,
)
"""The lock of a host. ``until`` is seconds since 1970, ``for`` seconds; None if for good."""


class Lease(TypedDict, total=False):
    """The holder of a deploy; ``ttl`` is seconds, and counts from ``moment``."""

    id: str
    app: str
    who: str
    what: str
    since: str
    holder: Holder | None
    moment: object
    ttl: float


class Renewal(TypedDict, total=False):
    """The last renewal of a deploy: its controller was alive at that moment."""

    id: str
    moment: object


class Origin(TypedDict, total=False):
    """From which commit, and by which plan (a digest), something is deployed."""

    commit: str | None
    dirty: bool | None
    plan: str | None


class Basis(TypedDict, total=False):
    """The state of a host that a plan is based on, as a probe found it.

    + boot: the id of that boot
    + last: the id of the last line of the application's history, None without one
    + generation: the generation that serves, None if none was ever confirmed
    + others: the same id of each other application of the host, by its name
    + paths: what the plan counts on, and doesn't bring
    + goal: the generation that a rollback leads to, and the digest of its index
    """

    boot: str
    last: str | None
    generation: str | None
    others: dict[str, str]
    paths: list[str]
    goal: str
    digest: str


class BeginRequest(Origin):
    """The input of ``begin``: who deploys what, and from which state; ``ttl`` is seconds.

    + held: whether the connection lasts as long as the deploy; if not, time alone decides
    """

    id: str
    who: str
    what: NotRequired[str]
    ttl: NotRequired[float]
    held: NotRequired[bool]
    basis: NotRequired[Basis | None]


class OnceRequest(TypedDict):
    """A unit that runs once, and the file whose presence says that it did."""

    unit: str
    record: str


class ActivateRequest(TypedDict):
    """The input of ``activate``: units to restart, enable and stop, by name.

    + slots: whether what runs in slots has changed
    """

    slots: bool
    restart: list[str]
    enable: list[str]
    stop: list[str]
    once: list[OnceRequest]


class Before(TypedDict):
    """The state before a deploy: the pointer's names and values, and the target of ``current``."""

    active: dict[str, str] | None
    current: str | None


class SealShape(TypedDict):
    """The number of a list's records, and the digest of all of them."""

    records: int
    digest: str


class JournalLine(TypedDict, total=False):
    """One line of a journal: the state, when it was reached, and what that state adds.

    The first line has what began the deploy: the request, since when, for whom, and ``before``.
    """

    state: str
    moment: Moment
    # Of the first line.
    id: str
    who: str
    what: str
    commit: str | None
    dirty: bool | None
    plan: str | None
    ttl: float
    since: str
    holder: Holder | None
    before: Before
    # While files are written.
    writer: Holder | None
    paths: int
    index: SealShape
    goal: str
    # Once it is activated, and when it is confirmed.
    slot: str | None
    units: list[str]
    generation: str
    release: str
    back: bool
    invocations: dict[str, str]
    data: int
    outcome: str
    # When it goes back.
    reason: str
    judged: bool
    complaints: list[str]
    unserved: str | None


HistoryRecord = TypedDict(
    "HistoryRecord",
    {
        "id": str | None,
        "what": str | None,
        "who": str | None,
        "commit": str | None,
        "dirty": bool | None,
        "plan": str | None,
        "when": str,
        "release": str | None,
        "generation": str | None,
        "outcome": str,
        "reason": str | None,
        "unserved": str | None,
        "complaints": list[str],
        "stages": dict[str, float],
        "from": str | None,
    },
    total=False,
)
"""What became of a deploy: ``stages`` are seconds by state, ``from`` the generation before it."""


class BadMark(TypedDict, total=False):
    """The reason why a generation is marked bad, and since when."""

    generation: str
    release: str
    reason: str
    when: str


class ProxyDocument(TypedDict):
    """The check of one process by the proxy: its site's file names what it should answer with.

    ``log`` is the file of the proxy's errors; ``timeout`` is seconds.
    """

    url: str
    site: str
    log: str
    timeout: float


class ProcessDocument(TypedDict, total=False):
    """One process of an application: its unit, where it listens, and the gate that it has to pass.

    ``deadline`` is seconds; ``{slot}`` stands for the slot in ``socket``. ``proxied`` is the folder
    by which the proxy reaches its sockets.
    """

    unit: str
    ready: bool
    deadline: float
    successes: int
    socket: str
    link: str
    port: int
    proxied: str
    proxy: ProxyDocument


class AppDocument(TypedDict):
    """The parts of an application on a host. ``soak`` and ``drain_timeout`` are seconds."""

    version: int
    app: str
    release: str
    current: str
    check: str
    slots: dict[str, ProcessDocument]
    singles: dict[str, ProcessDocument]
    timers: list[str]
    soak: float
    drain_timeout: float
    keep_releases: int
    data_version: int
