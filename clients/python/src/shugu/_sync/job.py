# Made by generate.py from _async/job.py; change that.
"""One job."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

import httpx

from .. import call, show
from ..errors import ElementFailed, HubError, JobFailed, ShuguError, Unavailable, Unreachable
from ..facts import JobFacts, Why, told, told_state
from ..link import patience
from ..pace import Pace, sleep
from ..wire.api.jobs import cancel, job, why
from ..wire.models import JobView, WhyView

if TYPE_CHECKING:
    from .hub import Hub

Stream = Literal["stdout", "stderr"]


class Job(JobFacts):
    """A job. What it tells of itself is what was last heard: `refresh()` and `wait()` hear anew."""

    def __init__(self, hub: "Hub", view: JobView) -> None:
        super().__init__(view)
        self.hub = hub

    def refresh(self) -> Self:
        """Hears how it is now."""
        self.view = told(JobView, job.sync(self.id, client=self.hub.api))
        return self

    def wait(self, timeout: float | None = None, *, check: bool = True, progress: bool | None = None) -> Self:
        """Waits until it has ended and is paid.

        Raises `JobFailed` if it did not end well (unless `check=False`), and `TimeoutError` after so many seconds; the job goes
        on then. A hub that is away for a moment is asked again.
        """
        pace = Pace(timeout)
        with show.Progress(1, f"{self.id} {self.name}", progress) as bar:
            while True:
                pace.ask()
                try:
                    self.refresh()
                    pace.hear()
                except (Unreachable, Unavailable) as error:
                    pace.forgive(error)
                bar.tell(int(self.ended), self.state)
                if self.ended:
                    break
                if pace.spent():
                    raise TimeoutError(f"{self.id} is still {self.state} after {timeout} s")
                sleep(pace.pause())
        if check and self.state != "done":
            raise self._failed()
        return self

    def _failed(self) -> JobFailed:
        message = f"{self.id} ({self.name}) did not end well: {told_state(self.view)}"
        try:
            said = (self.read_logs(stream="stderr", tail=2000)).strip()
        except ShuguError:
            said = ""
        return JobFailed(self, f"{message}\nits stderr ends so:\n{said}" if said else message)

    def why(self) -> Why:
        """Why it waits, pool by pool; when it is expected to start; and what would start sooner."""
        return Why.of(told(WhyView, why.sync(self.id, client=self.hub.api)))

    def cancel(self) -> Self:
        """Stops it: at once if it waits, else by TERM and later KILL. One that has ended is left as it is."""
        try:
            self.view = told(JobView, cancel.sync(self.id, client=self.hub.api))
        except HubError as error:
            if error.code != "already_ended":
                raise
            self.refresh()
        return self

    def logs(
        self, *, follow: bool = False, stream: Stream = "stdout", replica: int = 0, tail: int | None = None
    ) -> Iterator[str]:
        """What it wrote, line by line; with `follow`, until it has ended; with `tail`, of the last so many bytes."""
        asked: dict[str, str] = {"stream": stream, "replica": str(replica), "follow": "true" if follow else "false"}
        if tail is not None:
            asked["tail"] = str(tail)
        client = self.hub.api.get_httpx_client()
        # A job may be silent for long, and nothing else is sent meanwhile.
        longest = patience(60.0, None if follow else 60.0)
        lines = call.Lines()
        with client.stream("GET", f"/v1/jobs/{self.id}/logs", params=asked, timeout=longest) as response:
            try:
                for piece in response.iter_bytes():
                    for line in lines.take(piece):
                        if not call.is_result(line, self.command):
                            yield line
            except httpx.TransportError as error:
                raise Unreachable(f"the output of {self.id} broke off: {str(error) or type(error).__name__}") from error
        for line in lines.rest():
            yield line

    def read_logs(self, *, stream: Stream = "stdout", replica: int = 0, tail: int | None = None) -> str:
        """What it wrote until now, as one text."""
        return "\n".join([line for line in self.logs(stream=stream, replica=replica, tail=tail)])

    def _outcome(self, index: int, nonce: str, results: call.Results) -> call.Outcome:
        """What came of one element of a mapped function that has ended."""
        path = f"/v1/jobs/{self.id}/logs"
        client = self.hub.api.get_httpx_client()
        body = None
        try:
            for tail in ({"tail": str(call.TAIL)}, {}):
                lines = call.Lines()
                answer = client.get(path, params=tail)
                body = call.body_of([*lines.take(answer.content), *lines.rest()], nonce)
                if body is not None or len(answer.content) < call.TAIL:
                    break
        except HubError as error:
            failure = ElementFailed(index, self.id, f"its output cannot be read: {error.message}")
            return call.Outcome(failure=failure)
        if body is not None:
            return call.outcome(body, index, self.id, results)
        message = str(self._failed()).partition(": ")[2] if self.state != "done" else "it is done, but told no result"
        return call.Outcome(failure=ElementFailed(index, self.id, message))

    def _repr_html_(self) -> str:
        self._look_again()
        rows = [
            ("state", told_state(self.view)),
            ("pool", self.pool or "–"),
            ("waited", f"{self.wait_s:.1f} s"),
            ("ran", "–" if self.run_s is None else f"{self.run_s:.1f} s"),
            ("energy", "–" if self.energy_kwh is None else f"{self.energy_kwh:.3g} kWh"),
            ("cost", "–" if self.cost is None else f"{self.cost} yuan"),
        ]
        return show.bar({self.state: 1}) + show.table("", (self.id, self.name), rows)

    def _look_again(self) -> None:
        """Shows how it is now, if that can be told."""
        if not self.ended:
            with contextlib.suppress(ShuguError):
                self.refresh()
