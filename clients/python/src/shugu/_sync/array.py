# Made by generate.py from _async/array.py; change that.
"""The jobs of an array, and a function mapped over inputs as one."""

import contextlib
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar, cast, overload

from .. import call, show
from ..errors import ElementFailed, ShuguError, Unavailable, Unreachable
from ..facts import known, over, told, yuan
from ..pace import Pace, sleep, together
from ..wire.api.jobs import list_jobs
from ..wire.models import JobList, JobView
from .job import Job

if TYPE_CHECKING:
    from .hub import Hub

R = TypeVar("R")

PAGE_MOST = 1000


class Array:
    """The jobs of an array: `count` of them, beginning with `first` and numbered one after the other."""

    def __init__(self, hub: "Hub", first: str, count: int, name: str) -> None:
        self.hub = hub
        self.first = first
        self.count = count
        self.name = name
        self._number = int(first.removeprefix("job-")) if count else 0
        self._views: list[JobView | None] = [None] * count

    def __len__(self) -> int:
        return self.count

    @property
    def ids(self) -> list[str]:
        """Of every job."""
        return [f"job-{self._number + index}" for index in range(self.count)]

    @property
    def states(self) -> dict[str, int]:
        """How many are in which state, as was last heard."""
        return dict(Counter("waiting" if view is None else view.state for view in self._views))

    @property
    def ended(self) -> int:
        """How many are over, as was last heard."""
        return sum(view is not None and over(view) for view in self._views)

    @property
    def cost(self) -> Decimal:
        """Yuan that were paid for those that are over."""
        return sum((yuan(view.cost_yuan) or Decimal(0) for view in self._views if view is not None), Decimal(0))

    @property
    def jobs(self) -> list[Job]:
        """Those that were heard of."""
        return [Job(self.hub, view) for view in self._views if view is not None]

    def refresh(self) -> Self:
        """Hears how they are now."""
        left = [index for index, view in enumerate(self._views) if view is None or not over(view)]
        if not left:
            return self
        lowest, highest = left[0], left[-1]
        while highest >= lowest:
            limit = min(PAGE_MOST, highest - lowest + 1)
            after = f"job-{self._number + highest + 1}"
            page = told(JobList, list_jobs.sync(client=self.hub.api, after=after, limit=limit))
            for view in page.jobs:
                index = int(view.id.removeprefix("job-")) - self._number
                if lowest <= index <= highest:
                    self._views[index] = view
            # Numbers of other jobs cannot lie between, but a token may not see every one.
            if known(page.next_) is None:
                break
            highest -= limit
        return self

    def _looks(self, timeout: float | None, progress: bool | None) -> Generator[int, None]:
        """Looks at them again and again until all are over; gives how many are."""
        pace = Pace(timeout, slowest=2.0)
        with show.Progress(self.count, self.name, progress) as bar:
            while True:
                pace.ask()
                try:
                    self.refresh()
                    pace.hear()
                except (Unreachable, Unavailable) as error:
                    pace.forgive(error)
                bar.tell(self.ended, show.counted(self.states))
                yield self.ended
                if self.ended == self.count:
                    return
                if pace.spent():
                    raise TimeoutError(
                        f"{self.name}: {self.count - self.ended} of {self.count} jobs are not over after {timeout} s"
                    )
                sleep(pace.pause())

    def wait(self, timeout: float | None = None, *, check: bool = True, progress: bool | None = None) -> Self:
        """Waits until all have ended and are paid.

        Raises `JobFailed` for the first that did not end well, unless `check=False`, and `TimeoutError` after so many seconds.
        """
        for _ in self._looks(timeout, progress):
            pass
        if check:
            for job in self.jobs:
                if job.state != "done":
                    raise job._failed()
        return self

    def cancel(self) -> Self:
        """Stops those that have not ended."""
        self.refresh()

        def stop(job: Job) -> Job:
            return job.cancel()

        for job in together(stop, [job for job in self.jobs if not job.ended]):
            self._views[int(job.id.removeprefix("job-")) - self._number] = job.view
        return self

    def __repr__(self) -> str:
        last = f"job-{self._number + self.count - 1}" if self.count else ""
        return f"<{self.first}…{last} {self.name!r}: {show.counted(self.states)}>"

    def _repr_html_(self) -> str:
        if self.ended < self.count:
            with contextlib.suppress(ShuguError):
                self.refresh()
        rows = [("jobs", self.count), ("states", show.counted(self.states)), ("cost", f"{self.cost} yuan")]
        return show.bar(self.states) + show.table("", (self.first, self.name), rows)


class Map(Array, Generic[R]):
    """A function mapped over inputs: results in the order of the inputs, as they come or all together."""

    def __init__(self, hub: "Hub", first: str, count: int, name: str, nonce: str, results: call.Results) -> None:
        super().__init__(hub, first, count, name)
        self._nonce = nonce
        self._results: call.Results = results
        self._outcomes: dict[int, call.Outcome] = {}

    def _gather(self) -> None:
        """Fetches what came of those that are over."""
        over_now = [index for index, view in enumerate(self._views) if view is not None and over(view)]

        def fetch(index: int) -> None:
            job = Job(self.hub, cast("JobView", self._views[index]))
            self._outcomes[index] = job._outcome(index, self._nonce, self._results)

        together(fetch, [index for index in over_now if index not in self._outcomes])

    def _value(self, index: int) -> R:
        outcome = self._outcomes[index]
        if outcome.failure is not None:
            raise outcome.failure
        return cast("R", outcome.value)

    def __iter__(self) -> Iterator[R]:
        index = 0
        with closing(self._looks(None, False)) as looks:
            for _ in looks:
                self._gather()
                while index in self._outcomes:
                    yield self._value(index)
                    index += 1

    @overload
    def results(
        self, timeout: float | None = None, *, return_exceptions: Literal[False] = False, progress: bool | None = None
    ) -> list[R]: ...

    @overload
    def results(
        self, timeout: float | None = None, *, return_exceptions: Literal[True], progress: bool | None = None
    ) -> list[R | ElementFailed]: ...

    def results(
        self, timeout: float | None = None, *, return_exceptions: bool = False, progress: bool | None = None
    ) -> list[R] | list[R | ElementFailed]:
        """All results, once all elements are over.

        Raises `ElementFailed` for the first element that failed; with `return_exceptions` it stands in the list instead.
        """
        with closing(self._looks(timeout, progress)) as looks:
            for _ in looks:
                self._gather()
        if return_exceptions:
            outcomes = [self._outcomes[index] for index in range(self.count)]
            return [cast("R", outcome.value) if outcome.failure is None else outcome.failure for outcome in outcomes]
        return [self._value(index) for index in range(self.count)]
