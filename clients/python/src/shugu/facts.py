"""What the hub tells, as plain values: `None` is unknown, money is exact, instants know their zone."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from . import frames, show
from .wire.models import AccountOfTenant, JobView, StatementLine, WhyView
from .wire.models import Statement as StatementView
from .wire.types import Unset

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


def known(value: T | Unset | None) -> T | None:
    """The value, or `None` where nothing is told."""
    return None if isinstance(value, Unset) else value


def told(kind: type[T], answer: object) -> T:
    """An answer as what it is documented to be."""
    if not isinstance(answer, kind):
        raise TypeError(f"the hub answered with something else than a {kind.__name__}; is it another version?")
    return answer


def instant(text: str | Unset | None) -> datetime | None:
    """An instant."""
    text = known(text)
    return None if text is None else datetime.fromisoformat(text)


def exact(amount: float) -> Decimal:
    """Yuan, exactly: below a billion they have fifteen digits at most, and so many a float keeps as they were written."""
    return Decimal(repr(amount))


def yuan(amount: float | Unset | None) -> Decimal | None:
    """The same, where it may be unknown."""
    amount = known(amount)
    return None if amount is None else exact(amount)


def over(view: JobView) -> bool:
    """A job is over for its owner when it is paid, too: what it cost is then known."""
    return known(view.ended_at) is not None and known(view.cost_yuan) is not None


class JobFacts:
    """What was last heard of a job. `refresh()` and `wait()` hear anew."""

    view: JobView

    def __init__(self, view: JobView) -> None:
        self.view = view

    @property
    def id(self) -> str:
        """`job-42`."""
        return self.view.id

    @property
    def name(self) -> str:
        """What its tenant calls it."""
        return self.view.name

    @property
    def tenant(self) -> str:
        """Whose it is."""
        return self.view.tenant

    @property
    def state(self) -> str:
        """waiting, placed, running, stopping, done, failed, cancelled or lost."""
        return self.view.state

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return over(self.view)

    @property
    def end(self) -> str | None:
        """How it ended, where there is more to say than its state."""
        return known(self.view.end)

    @property
    def exit_code(self) -> int | None:
        """As a shell gives it."""
        return known(self.view.exit_code)

    @property
    def pool(self) -> str | None:
        """Where it is or was."""
        return known(self.view.pool)

    @property
    def command(self) -> list[str]:
        """Program and arguments."""
        return self.view.command

    @property
    def submitted_at(self) -> datetime:
        """When it was submitted."""
        return datetime.fromisoformat(self.view.submitted_at)

    @property
    def started_at(self) -> datetime | None:
        """When its first process began."""
        return instant(self.view.started_at)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        return instant(self.view.ended_at)

    @property
    def wait_s(self) -> float:
        """Seconds from submission to start, or to when it was heard of."""
        return self.view.wait_s

    @property
    def run_s(self) -> float | None:
        """Seconds from start to end, or to when it was heard of."""
        return known(self.view.run_s)

    @property
    def energy_kwh(self) -> float | None:
        """Energy that it used."""
        return known(self.view.energy_kwh)

    @property
    def carbon_kg(self) -> float | None:
        """Carbon that it emitted."""
        return known(self.view.carbon_kg)

    @property
    def cost(self) -> Decimal | None:
        """Yuan that were paid for it; `None` until it ended."""
        return yuan(self.view.cost_yuan)

    def __repr__(self) -> str:
        return f"<{self.id} {self.name!r}: {told_state(self.view)}>"


def told_state(view: JobView) -> str:
    """A job's state, and how it came to it."""
    end, pool = known(view.end), known(view.pool)
    if end:
        return f"{view.state}, {end}"
    return f"{view.state} at {pool}" if view.state in ("placed", "running", "stopping") and pool else view.state


@dataclass(frozen=True)
class PoolWhy:
    """What one pool lacks for a job: `short` is the reason's code, `numbers` what belongs to it."""

    pool: str
    fits: int
    short: str | None
    numbers: dict[str, Any]


@dataclass(frozen=True)
class Smaller:
    """A smaller wish that would start now."""

    field: str
    was: str | None
    to: str
    pool: str


@dataclass(frozen=True)
class Why:
    """Why a job waits, and when it is expected to start."""

    state: str
    code: str | None
    message: str
    numbers: dict[str, Any]
    starts_at: datetime | None
    foresight: str | None
    ahead_count: int
    ahead: list[str]
    smaller: list[Smaller]
    pools: list[PoolWhy]

    @classmethod
    def of(cls, view: WhyView) -> "Why":
        """What the hub tells."""

        def split(reason: Any) -> tuple[str | None, dict[str, Any]]:
            numbers = {} if known(reason) is None else dict(reason.to_dict())
            return numbers.pop("code", None), numbers

        code, numbers = split(view.reason)
        return cls(
            state=view.state,
            code=code,
            message=view.message,
            numbers=numbers,
            starts_at=instant(view.starts_at),
            foresight=known(view.foresight),
            ahead_count=known(view.ahead_count) or 0,
            ahead=known(view.ahead) or [],
            smaller=[Smaller(one.field, known(one.from_), one.to, one.pool) for one in known(view.smaller) or []],
            pools=[PoolWhy(pool.pool, pool.fits, *split(pool.reason)) for pool in view.pools],
        )

    def __str__(self) -> str:
        lines = [f"{self.state}: {self.message}"]
        if self.starts_at is not None:
            lines.append(f"starts about {self.starts_at.isoformat()} ({self.foresight})")
        if self.ahead_count:
            lines.append(f"{self.ahead_count} jobs are served before it")
        for one in self.smaller:
            was = f"{one.was} → " if one.was else ""
            lines.append(f"{one.field}: {was}{one.to} fits now at {one.pool}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            (pool.pool, pool.fits, pool.short or "", ", ".join(f"{name} {value}" for name, value in pool.numbers.items()))
            for pool in self.pools
        ]
        return show.text(str(self)) + (show.table("", ("pool", "fits", "short of", ""), rows) if rows else "")


@dataclass(frozen=True)
class Line:
    """What was used at one pool, and what it cost."""

    pool: str
    counterpart: str
    jobs: int
    device_hours: float
    core_hours: float
    energy_kwh: float
    energy_cost: Decimal | None
    carbon_kg: float | None
    price: Decimal
    fee: Decimal
    amount: Decimal

    @classmethod
    def of(cls, line: StatementLine) -> "Line":
        """What the hub tells."""
        return cls(
            pool=line.pool,
            counterpart=line.counterpart,
            jobs=line.jobs,
            device_hours=line.device_hours,
            core_hours=line.core_hours,
            energy_kwh=line.energy_kwh,
            energy_cost=yuan(line.energy_cost_yuan),
            carbon_kg=known(line.carbon_kg),
            price=exact(line.price_yuan),
            fee=exact(line.fee_yuan),
            amount=exact(line.amount_yuan),
        )


@dataclass(frozen=True)
class Statement:
    """What a tenant pays, or a provider receives, for a period."""

    kind: str
    name: str
    period: str
    currency: str
    lines: list[Line]
    total: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", sum((line.amount for line in self.lines), Decimal(0)))

    @classmethod
    def of(cls, view: StatementView) -> "Statement":
        """What the hub tells."""
        return cls(view.kind, view.name, view.period, view.currency, [Line.of(line) for line in view.lines])

    def frame(self) -> "pd.DataFrame":
        """A row for each pool and counterpart; amounts as floats, for figures."""
        return frames.statement(self.lines)

    def __str__(self) -> str:
        lines = [f"{self.kind} {self.name}, {self.period}: {self.total} {self.currency}"]
        for line in self.lines:
            used = f"{line.device_hours:.3f} device-hours, {line.core_hours:.3f} core-hours"
            lines.append(f"  {line.pool} ({line.counterpart}): {line.jobs} jobs, {used}, {line.amount} {self.currency}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = ("pool", "with", "jobs", "device-hours", "core-hours", "kWh", "yuan")
        rows = [
            (
                line.pool,
                line.counterpart,
                line.jobs,
                f"{line.device_hours:.3f}",
                f"{line.core_hours:.3f}",
                line.energy_kwh,
                line.amount,
            )
            for line in self.lines
        ]
        return show.table(f"{self.kind} {self.name}, {self.period}: {self.total} {self.currency}", head, rows)


@dataclass(frozen=True)
class Account:
    """What a tenant has, may spend and has held, in yuan; `budget` and `left` are `None` where nothing limits it."""

    tenant: str
    paid: Decimal
    held: Decimal
    credit: Decimal
    budget: Decimal | None
    left: Decimal | None
    until: datetime | None
    renews: datetime | None

    @classmethod
    def of(cls, view: AccountOfTenant) -> "Account":
        """What the hub tells."""
        budget = known(view.budget)
        return cls(
            tenant=view.tenant,
            paid=exact(view.paid_yuan),
            held=exact(view.held_yuan),
            credit=exact(view.credit_yuan),
            budget=None if budget is None else exact(budget.amount_yuan),
            left=None if budget is None else exact(budget.left_yuan),
            until=None if budget is None else instant(budget.until),
            renews=None if budget is None else instant(budget.renews),
        )
