"""Tables for pandas. Money is in floats here, for figures and charts; exact amounts are in statements and jobs."""

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

    from .facts import JobFacts, Line

_JOB: "dict[str, Callable[[JobFacts], Any]]" = {
    "name": lambda job: job.name,
    "tenant": lambda job: job.tenant,
    "state": lambda job: job.state,
    "end": lambda job: job.end,
    "exit_code": lambda job: job.exit_code,
    "pool": lambda job: job.pool,
    "replicas": lambda job: job.view.replicas,
    "devices": lambda job: job.view.devices,
    "cores": lambda job: job.view.cpu,
    "submitted_at": lambda job: job.submitted_at,
    "started_at": lambda job: job.started_at,
    "ended_at": lambda job: job.ended_at,
    "wait_s": lambda job: job.wait_s,
    "run_s": lambda job: job.run_s,
    "energy_kwh": lambda job: job.energy_kwh,
    "carbon_kg": lambda job: job.carbon_kg,
    "cost_yuan": lambda job: job.cost,
}
_INSTANTS = ("submitted_at", "started_at", "ended_at")
_WHOLE = ("exit_code", "replicas", "devices")
_TEXTS = ("name", "tenant", "state", "end", "pool")

USED = ("jobs", "device_hours", "core_hours", "energy_kwh", "energy_cost_yuan", "carbon_kg", "cost_yuan")


def library() -> Any:
    """Pandas, or how to get it."""
    try:
        return importlib.import_module("pandas")
    except ImportError:
        raise ImportError("frames need pandas: pip install 'shugu[pandas]'") from None


def jobs(all_jobs: "Iterable[JobFacts]") -> "pandas.DataFrame":
    """A row for each job, by its id."""
    pd = library()
    listed = list(all_jobs)
    columns: dict[str, Any] = {}
    for name, read in _JOB.items():
        values = [read(job) for job in listed]
        if name in _INSTANTS:
            columns[name] = pd.to_datetime(pd.Series(values, dtype="object"), utc=True).dt.as_unit("ms")
        elif name in _WHOLE:
            columns[name] = pd.Series(values, dtype="Int64")
        elif name in _TEXTS:
            columns[name] = pd.Series(values, dtype="object")
        else:
            columns[name] = pd.Series([None if value is None else float(value) for value in values], dtype="float64")
    frame = pd.DataFrame(columns)
    frame.index = pd.Index([job.id for job in listed], name="job", dtype="object")
    told: pandas.DataFrame = frame
    return told


def statement(lines: "Sequence[Line]") -> "pandas.DataFrame":
    """A row for each line of a statement."""
    pd = library()
    rows = [
        {
            "pool": line.pool,
            "counterpart": line.counterpart,
            **_used(line),
            "price_yuan": float(line.price),
            "fee_yuan": float(line.fee),
        }
        for line in lines
    ]
    told: pandas.DataFrame = pd.DataFrame(rows, columns=["pool", "counterpart", *USED, "price_yuan", "fee_yuan"])
    return told


def _used(line: "Line") -> dict[str, float | None]:
    return {
        "jobs": line.jobs,
        "device_hours": line.device_hours,
        "core_hours": line.core_hours,
        "energy_kwh": line.energy_kwh,
        "energy_cost_yuan": None if line.energy_cost is None else float(line.energy_cost),
        "carbon_kg": line.carbon_kg,
        "cost_yuan": float(line.amount),
    }


def parts(period: str | None, today: date) -> tuple[str, list[str]]:
    """The days of a month or the months of a year that have begun, or the one day; and how long each is, as pandas names it."""
    period = today.isoformat()[:7] if period is None else period
    named = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", period)
    if named is None:
        raise ValueError(f"period: `{period}` is none; write 2026, 2026-11 or 2026-11-23")
    year, month, day = named.groups()
    if day is not None:
        return "D", [period]
    if month is None:
        return "M", [one for one in (f"{year}-{number:02}" for number in range(1, 13)) if one <= today.isoformat()[:7]]
    first = date(int(year), int(month), 1)
    days = ((date(first.year + first.month // 12, first.month % 12 + 1, 1)) - first).days
    return "D", [one for one in (f"{period}-{number:02}" for number in range(1, days + 1)) if one <= today.isoformat()]


def usage(length: str, periods: Sequence[str], lines: "Sequence[Sequence[Line]]") -> "pandas.DataFrame":
    """A row for each part of a period. What is unknown of one line is unknown of the sum."""
    pd = library()
    rows = [statement(of).loc[:, list(USED)].astype("float64").sum(skipna=False) for of in lines]
    frame = pd.DataFrame(rows, columns=list(USED), dtype="float64")
    frame["jobs"] = frame["jobs"].astype("int64")
    frame.index = pd.PeriodIndex(periods, freq=length, name="day" if length == "D" else "month")
    told: pandas.DataFrame = frame
    return told
