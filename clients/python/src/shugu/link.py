"""HTTP clients that raise what this package raises, whoever asks through them."""

import os
from typing import Any

import httpx

from .certificate import context
from .errors import refusal, unreachable
from .place import Place


class Link(httpx.Client):
    """The synchronous one."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Sends, and raises the hub's no as an exception."""
        try:
            response = super().send(request, **options)
            if response.is_success:
                return response
            content = response.read()
            response.close()
        except httpx.TransportError as error:
            raise unreachable(str(self.base_url), error) from error
        raise refusal(response.status_code, content)


class AsyncLink(httpx.AsyncClient):
    """The asynchronous one."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Sends, and raises the hub's no as an exception."""
        try:
            response = await super().send(request, **options)
            if response.is_success:
                return response
            content = await response.aread()
            await response.aclose()
        except httpx.TransportError as error:
            raise unreachable(str(self.base_url), error) from error
        raise refusal(response.status_code, content)


def patience(timeout: float, read: float | None) -> httpx.Timeout:
    """How long to wait for what is not read from a job or an event, and for what is."""
    return httpx.Timeout(connect=5.0, read=read, write=timeout, pool=None)


def settings(place: Place, ca: str | os.PathLike[str] | None, timeout: float) -> dict[str, Any]:
    """How to speak to a hub."""
    return {
        "base_url": place.url,
        "headers": {"Authorization": f"Bearer {place.token}"},
        "timeout": patience(timeout, timeout),
        "verify": context(ca, place.fingerprint),
    }
