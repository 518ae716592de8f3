"""HTTP clients that raise what this package raises, whoever asks through them."""

import asyncio
import os
import time
from typing import Any

import httpx

from .certificate import context
from .errors import refusal, unreachable
from .place import Place

BUSY_MOST = 30.0
"""How long a hub is waited for that has too much to do."""


def later(response: httpx.Response, waited: float) -> float | None:
    """After how many seconds to send again what a busy hub did not take; None where that is too long."""
    told = response.headers.get("retry-after", "")
    if response.status_code != 429 or not told.isdigit():
        return None
    return float(told) if waited + float(told) <= BUSY_MOST else None


class Link(httpx.Client):
    """The synchronous one."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Sends, and raises the hub's no as an exception."""
        waited = 0.0
        while True:
            try:
                response = super().send(request, **options)
                if response.is_success:
                    return response
                content = response.read()
                response.close()
            except httpx.TransportError as error:
                raise unreachable(str(self.base_url), error) from error
            pause = later(response, waited)
            if pause is None:
                raise refusal(response.status_code, content)
            time.sleep(pause)
            waited += pause


class AsyncLink(httpx.AsyncClient):
    """The asynchronous one."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Sends, and raises the hub's no as an exception."""
        waited = 0.0
        while True:
            try:
                response = await super().send(request, **options)
                if response.is_success:
                    return response
                content = await response.aread()
                await response.aclose()
            except httpx.TransportError as error:
                raise unreachable(str(self.base_url), error) from error
            pause = later(response, waited)
            if pause is None:
                raise refusal(response.status_code, content)
            await asyncio.sleep(pause)
            waited += pause


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
