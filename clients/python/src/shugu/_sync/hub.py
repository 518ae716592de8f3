# Made by generate.py from _async/hub.py; change that.
"""A hub."""

import os
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

import httpx

from .. import call, frames
from ..errors import BudgetWarning, Unavailable, Unreachable
from ..events import Event, Reader
from ..facts import Account, Statement, Why, known, told
from ..form import JobOptions, form
from ..link import Link, patience, settings
from ..pace import together
from ..place import find
from ..wire import AuthenticatedClient
from ..wire.api.hub import hub, pools
from ..wire.api.jobs import job, list_jobs, submit
from ..wire.api.money import account, statements
from ..wire.models import AccountOfTenant, HubView, JobList, JobView, PoolList, PoolView, Submitted, WhyView
from ..wire.models import Statement as StatementView
from .array import PAGE_MOST, Array, Map
from .job import Job

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
R = TypeVar("R")


class Hub:
    """A hub, as the one whose token is shown.

    Which hub and which token are found as the commands find them: what is given here, SHUGU_HUB and SHUGU_TOKEN, `shugu.toml`,
    the hub's data folder (`folder`, SHUGU_DIR, `~/.local/share/shugu`). A certificate of the hub's own making is known by its
    `fingerprint` (SHUGU_FINGERPRINT, or the folder's); `ca` is a file of authorities to trust.

    Everything else that a hub can be asked is in `shugu.wire`, and `api` is the client for it.
    """

    api: AuthenticatedClient

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        ca: str | os.PathLike[str] | None = None,
        fingerprint: str | None = None,
        folder: str | os.PathLike[str] | None = None,
        timeout: float = 60.0,
    ) -> None:
        place = find(url, token, fingerprint, folder)
        self.url = place.url
        self.api = AuthenticatedClient(base_url=place.url, token=place.token)
        self.api.set_httpx_client(Link(**settings(place, ca, timeout)))

    def close(self) -> None:
        """Ends its connections."""
        self.api.get_httpx_client().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<hub at {self.url}>"

    def about(self) -> HubView:
        """The hub at a glance, and as whom it is asked."""
        return told(HubView, hub.sync(client=self.api))

    def pools(self) -> list[PoolView]:
        """The pools, and what is free there."""
        return told(PoolList, pools.sync(client=self.api)).pools

    def submit(self, command: Sequence[str | os.PathLike[str]], **options: Unpack[JobOptions]) -> Job:
        """Submits a command: program and arguments, no shell. It is kept once this returns."""
        submitted = self._submitted(command, options, None)
        return self._accepted(submitted.id)

    def submit_array(self, command: Sequence[str | os.PathLike[str]], count: int, **options: Unpack[JobOptions]) -> Array:
        """Submits so many jobs of one kind; each finds its number, from 0 on, in SHUGU_ARRAY_INDEX."""
        submitted = self._submitted(command, options, count)
        first = self._accepted(submitted.id)
        return Array(self, first.id, count, first.name)

    def try_out(self, command: Sequence[str | os.PathLike[str]], **options: Unpack[JobOptions]) -> Why:
        """What would become of such a job now; nothing is submitted."""
        # The document of the API tells the answer to a submission only.
        client, body = self.api.get_httpx_client(), form(command, options).to_dict()
        answer = client.post("/v1/jobs", params={"dry_run": "true"}, json=body)
        return Why.of(WhyView.from_dict(answer.json()))

    def map(
        self,
        function: Callable[[T], R],
        inputs: Iterable[T],
        /,
        *,
        python: str | Sequence[str] = "python3",
        results: call.Results = "pickle",
        modules: Iterable[ModuleType] = (),
        **options: Unpack[JobOptions],
    ) -> Map[R]:
        """Calls a function with each input, as one array job, and returns at once; the results are read from what is returned.

        `python` is the interpreter there, of the version of this one (3.11 there, 3.11 here); `image` is a container that has it.
        The function is pickled, with its own module if that is no installed package, and with `modules`; other packages must be
        there.
        Results are pickled, too, and reading them trusts the site: with `results="json"` they are JSON, and nothing is run here.
        """
        if options.get("replicas") not in (None, 1):
            raise ValueError("replicas: a mapped function runs in one replica for each input")
        given = list(inputs)
        packed = call.pack(function, given, python, results, modules)
        own = getattr(function, "__name__", type(function).__name__)
        name = options.get("name") or ("map" if own == "<lambda>" else own)
        told_options: JobOptions = {**options, "name": name, "env": {**(options.get("env") or {}), **packed.env}}
        if not given:
            return Map(self, "", 0, name, packed.nonce, results)
        submitted = self._submitted(packed.command, told_options, packed.count)
        return Map(self, submitted.id, packed.count, name, packed.nonce, results)

    def mapped(self, first: str) -> Map[Any]:
        """What `map` returned, by the id of its first job: for another day, or another notebook."""
        job = self.job(first)
        nonce, count, results = call.read_command(job.command)
        return Map(self, first, count, job.name, nonce, results)

    def _submitted(self, command: Sequence[str | os.PathLike[str]], options: JobOptions, array: int | None) -> Submitted:
        submitted = told(Submitted, submit.sync(client=self.api, body=form(command, options, array)))
        warning = known(submitted.warning)
        if warning is not None:
            warnings.warn(warning, BudgetWarning, stacklevel=3)
        return submitted

    def _accepted(self, job: str) -> Job:
        """A job that was just accepted."""
        try:
            return self.job(job)
        except (Unreachable, Unavailable) as error:
            error.add_note(f"{job} was accepted")
            raise

    def job(self, id: str) -> Job:  # noqa: A002
        """A job by its id."""
        return Job(self, told(JobView, job.sync(id, client=self.api)))

    def jobs(
        self,
        *,
        state: str | None = None,
        name: str | None = None,
        pool: str | None = None,
        tenant: str | None = None,
        limit: int | None = None,
    ) -> Iterator[Job]:
        """Jobs, newest first, page after page; at most `limit` of them."""
        after, left = None, limit
        while left is None or left > 0:
            most = PAGE_MOST if left is None else min(left, PAGE_MOST)
            page = told(
                JobList,
                list_jobs.sync(client=self.api, state=state, name=name, pool=pool, tenant=tenant, after=after, limit=most),
            )
            for view in page.jobs:
                yield Job(self, view)
            left = None if left is None else left - len(page.jobs)
            after = known(page.next_)
            if after is None:
                return

    def jobs_frame(
        self,
        *,
        state: str | None = None,
        name: str | None = None,
        pool: str | None = None,
        tenant: str | None = None,
        limit: int | None = None,
    ) -> "pd.DataFrame":
        """The same as a table of pandas, a row for each job."""
        frames.library()
        listed = self.jobs(state=state, name=name, pool=pool, tenant=tenant, limit=limit)
        return frames.jobs([job for job in listed])

    def statement(self, period: str | None = None, *, tenant: str | None = None, provider: str | None = None) -> Statement:
        """What is paid (or, by a provider, received) for a year, month or day; this month if left out.

        Whose it is the token says; operators name a tenant or a provider.
        """
        answer = statements.sync(client=self.api, period=period, tenant=tenant, provider=provider)
        return Statement.of(told(StatementView, answer))

    def account(self, tenant: str | None = None) -> Account:
        """What a tenant has paid, has held, has left of its budget and of its credits."""
        name = tenant or (self.about()).subject
        return Account.of(told(AccountOfTenant, account.sync(name, client=self.api)))

    def usage(self, period: str | None = None, *, tenant: str | None = None, provider: str | None = None) -> "pd.DataFrame":
        """What was used and paid, by day of a month (this one if left out) or by month of a year, as a table of pandas."""
        frames.library()
        # Days begin as the hub's clock says.
        today = datetime.fromisoformat((self.about()).now).date()
        length, parts = frames.parts(period, today)

        def one(part: str) -> Statement:
            return self.statement(part, tenant=tenant, provider=provider)

        told_parts = together(one, parts)
        return frames.usage(length, parts, [statement.lines for statement in told_parts])

    @contextmanager
    def events(self) -> Iterator[Iterator[Event]]:
        """What changes, from when the block is entered until it is left or the hub stops.

        An event of kind `missed` says that its reader was too slow, and must look for itself.
        """
        client = self.api.get_httpx_client()
        # The hub says something every 15 s.
        with client.stream("GET", "/v1/events", timeout=patience(60.0, 60.0)) as response:

            def read() -> Generator[Event, None]:
                reader = Reader()
                try:
                    for piece in response.iter_bytes():
                        for event in reader.take(piece):
                            yield event
                except httpx.TransportError as error:
                    raise Unreachable(f"the events broke off: {str(error) or type(error).__name__}") from error

            with closing(read()) as events:
                yield events
