"""What can go wrong, as exceptions."""

import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from .facts import JobFacts


class ShuguError(Exception):
    """Everything this package raises of its own."""


class NoHub(ShuguError):
    """Which hub, or with which token, is not said anywhere."""


class Unreachable(ShuguError):
    """The hub gave no answer. Whether it took what was sent is not known."""


class HubError(ShuguError):
    """The hub's no: its `code`, `message`, the `field` that is wrong, the HTTP `status`, and all it told (`told`)."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        self.status = status
        self.told = told
        self.code = str(told.get("code", "unknown"))
        self.message = str(told.get("message", f"the hub answered {status}"))
        field = told.get("field")
        self.field: str | None = None if field is None else str(field)
        super().__init__(self.message)


class WrongInput(HubError):
    """Something that was sent is not as it should be; `field` names it."""


class NotAllowed(HubError):
    """The token is not known, or may not do this."""


class NotFound(HubError):
    """It is not there, or the token may not see it."""


class Refused(HubError):
    """It is understood and not done: no pool could ever hold it, its budget is spent, it comes too late."""


class Unavailable(HubError):
    """The hub, or the agent of a pool, cannot answer now."""


class JobFailed(ShuguError):
    """A job did not end well; `job` is it, as it ended."""

    def __init__(self, job: "JobFacts", message: str) -> None:
        self.job = job
        super().__init__(message)


class ElementFailed(ShuguError):
    """A function that was mapped failed at one input: `index` of it, `job` that ran it, `traceback` from there.

    Where the exception itself could be brought back it is the `__cause__`.
    """

    def __init__(self, index: int, job: str, message: str, traceback: str = "") -> None:
        self.index = index
        self.job = job
        self.traceback = traceback
        told = f"element {index} ({job}): {message}"
        super().__init__(f"{told}\n\n{traceback}" if traceback else told)


class TooLarge(ShuguError, ValueError):
    """A function and its inputs are more than a job can carry."""


class BudgetWarning(UserWarning):
    """Most of a budget is spent or held."""


def refusal(status: int, content: bytes) -> HubError:
    """The exception for an answer that is no success."""
    try:
        told = json.loads(content)["error"]
        message = told["message"]
    except (ValueError, KeyError, TypeError):
        # A proxy between, or a query that the hub's router does not take, answers in plain words.
        message = content.decode(errors="replace").strip() or f"the hub answered {status}"
        told = {"code": "wrong_input" if status == 400 else "unknown", "message": message}
    kinds = {400: WrongInput, 413: WrongInput, 401: NotAllowed, 403: NotAllowed, 404: NotFound}
    kind = kinds.get(status) or (Unavailable if status in (502, 503, 504) else Refused if status < 500 else HubError)
    return kind(status, told)


def unreachable(url: str, error: httpx.TransportError) -> Unreachable:
    """The exception for no answer at all."""
    hint = ""
    if isinstance(error, httpx.ConnectError):
        cause = str(error)
        if "fingerprint" in cause or "CERTIFICATE" in cause.upper():
            hint = "; if its certificate is of the hub's own making, give its fingerprint, which `shugu up` tells"
        else:
            hint = "; is it running? `shugu up` starts one"
    elif not isinstance(error, httpx.ConnectTimeout):
        hint = "; whether it took what was sent is not known"
    return Unreachable(f"cannot reach the hub at {url}: {str(error) or type(error).__name__}{hint}")
