"""What a job may say, and how it is sent."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NotRequired, Protocol, TypedDict, cast

from .wire.models import SubmitForm


class HasId(Protocol):
    """A job."""

    @property
    def id(self) -> str:
        """`job-42`."""
        ...


Jobs = str | HasId | Iterable[str | HasId]
Span = str | float | timedelta
"""A length of time: "90s", "1h30m", seconds, or a timedelta."""


class Notice(TypedDict):
    """How a job is told to stop, so that it can save its state."""

    signal: str | int
    grace: Span


class Alternative(TypedDict):
    """Another way to serve a replica."""

    devices: float
    replicas: NotRequired[int]
    models: NotRequired[Sequence[str]]
    device_memory_gb: NotRequired[int]
    power: NotRequired[str]


class JobOptions(TypedDict, total=False):
    """What may be said of a job beside its command; docs/jobs.md says more of each."""

    name: str | None
    """What to call it; the program's name if left out."""
    tenant: str | None
    """Whose it is; operators only."""
    replicas: int | None
    """How many start together, or not at all."""
    devices: float | None
    """Accelerators for each replica, or a part of one: 0.5."""
    models: str | Sequence[str] | None
    """Acceptable models of them, or the beginning of several."""
    device_memory_gb: int | None
    """The least memory of a device."""
    power: str | None
    """The least computing power of all replicas together: "20 PFLOPS fp16"."""
    alternatives: Sequence[Alternative] | None
    """Other ways to serve it, in order of preference."""
    cpus: float | str | None
    """Cores for each replica: 2, 0.5, "500m"; one if no devices are asked for."""
    memory: int | str | None
    """For each replica, and its limit: "4GiB", or bytes."""
    time_limit: Span | None
    """Stopped when it ran so long; worth giving."""
    priority: int | None
    """-100 to 100; higher goes first."""
    deadline: datetime | str | None
    """When it should have ended."""
    retries: int | None
    """How often it is tried again if its place is lost."""
    after: Jobs | None
    """Not before these have started,"""
    after_ok: Jobs | None
    """have ended well,"""
    after_any: Jobs | None
    """have ended, however."""
    apart: Literal["nodes", "sites"] | None
    """Where the tasks of an array never meet."""
    spread: Literal["pack", "nodes"] | None
    """`nodes` for no two replicas on one node."""
    sites: Sequence[str] | None
    """Where its data must stay."""
    pools: Sequence[str] | None
    """Pools at which it may run."""
    max_pue: float | None
    """The highest PUE of a site at which it may run."""
    preemptible: bool | None
    """May be stopped for other work, and is started anew later."""
    notice: Notice | None
    """How it is told to stop."""
    env: Mapping[str, str] | None
    """Environment."""
    directory: str | os.PathLike[str] | None
    """Working directory at the site; the attempt's own folder if left out."""
    inputs: Sequence[str] | None
    """Data that it reads."""
    outputs: Mapping[str, str] | None
    """What it writes, and where that is brought once it has ended well: `{"model.pt": "s3://results/"}`."""
    image: str | None
    """Container image."""


def _span(span: Span) -> str:
    if isinstance(span, str):
        return span
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if not math.isfinite(seconds):
        raise ValueError(f"{span} is no length of time")
    return f"{round(seconds * 1000)}ms"


def _ids(jobs: Jobs) -> list[str]:
    if isinstance(jobs, str):
        return [jobs]
    if isinstance(jobs, Iterable):
        return [job if isinstance(job, str) else job.id for job in jobs]
    return [jobs.id]


def _instant(instant: datetime | str) -> str:
    if isinstance(instant, str):
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"deadline: {instant} has no time zone; datetime.now().astimezone() has one")
    return instant.isoformat()


def _texts(field: str, texts: str | Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        if field != "models":
            raise TypeError(f"{field}: is a list of texts")
        return [texts]
    return list(texts)


def _notice(notice: Notice) -> dict[str, str]:
    return {"signal": str(notice["signal"]), "grace": _span(notice["grace"])}


_WRITTEN: dict[str, Any] = {
    "devices": float,
    "cpus": str,
    "memory": str,
    "time_limit": _span,
    "deadline": _instant,
    "after": _ids,
    "after_ok": _ids,
    "after_any": _ids,
    "notice": _notice,
    "env": dict,
    "directory": os.fspath,
    "outputs": lambda outputs: [{"path": path, "to": to} for path, to in outputs.items()],
    "alternatives": lambda alternatives: [{**one, "devices": float(one["devices"])} for one in alternatives],
} | {field: lambda texts, field=field: _texts(field, texts) for field in ("models", "sites", "pools", "inputs")}


def form(command: Sequence[str | os.PathLike[str]], options: JobOptions, array: int | None = None) -> SubmitForm:
    """The form that says this. What is in it is for the hub to judge: its no names the field."""
    if isinstance(command, str | bytes):
        raise TypeError(f'a command is a list of program and arguments; for a shell, ["bash", "-c", {command!r}]')
    told: dict[str, Any] = {"command": [os.fspath(word) for word in command]}
    unknown = set(options) - set(JobOptions.__annotations__)
    if unknown:
        raise TypeError(f"a job has no {', '.join(sorted(unknown))}; there are {', '.join(JobOptions.__annotations__)}")
    for field, value in cast("dict[str, Any]", options).items():
        if value is not None:
            told[field] = _WRITTEN[field](value) if field in _WRITTEN else value
    if array is not None:
        told["array"] = array
    return SubmitForm.from_dict(told)
