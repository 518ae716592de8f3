"""How often a hub is asked, how long it may be away meanwhile, and several questions at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .errors import Unavailable, Unreachable

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 8
"""How many questions."""

sleep = time.sleep
asleep = asyncio.sleep


class Pace:
    """Waits for something: ever longer between looks, and through a time in which the hub is away."""

    PATIENCE_S = 60.0

    def __init__(self, timeout: float | None, slowest: float = 1.0) -> None:
        self._until = None if timeout is None else time.monotonic() + timeout
        self._pause = 0.02
        self._slowest = slowest
        self._heard = self._asked = time.monotonic()

    def ask(self) -> None:
        """The hub is asked now."""
        self._asked = time.monotonic()

    def hear(self) -> None:
        """It answered."""
        self._heard = time.monotonic()

    def forgive(self, error: Unreachable | Unavailable) -> None:
        """It did not: it may be starting anew, and jobs go on meanwhile."""
        if time.monotonic() - self._heard > self.PATIENCE_S:
            raise error

    def spent(self) -> bool:
        """Whether it was waited long enough."""
        return self._until is not None and time.monotonic() >= self._until

    def pause(self) -> float:
        """Seconds until the next look: at least twice what a look takes, so that a hub is not kept busy by waiting."""
        took = self._heard - self._asked
        self._pause = min(self._pause * 1.5, self._slowest)
        pause = max(self._pause, 2 * took)
        return pause if self._until is None else max(0.0, min(pause, self._until - time.monotonic()))


def together(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Does something with each item, several at once."""
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(items))) as pool:
        return list(pool.map(work, items))


async def atogether(work: Callable[[T], Awaitable[R]], items: Sequence[T]) -> list[R]:
    """Does something with each item, several at once."""
    done: dict[int, R] = {}
    failed: dict[int, Exception] = {}
    waiting = iter(enumerate(items))

    async def one() -> None:
        for at, item in waiting:
            if failed:
                return
            try:
                done[at] = await work(item)
            except Exception as error:
                failed[at] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(items))):
            group.create_task(one())
    if failed:
        raise failed[min(failed)]
    return [done[at] for at in range(len(items))]
