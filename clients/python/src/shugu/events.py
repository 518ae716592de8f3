"""What changes at a hub."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .call import Lines


@dataclass(frozen=True)
class Event:
    """A change: of a `job` (`id`, `state`, `tenant`), of a `pool` (`name`), of the `census`; or `missed`, how many were lost."""

    kind: str
    id: str | None = None
    state: str | None = None
    tenant: str | None = None
    name: str | None = None
    missed: int = 0

    @classmethod
    def of(cls, kind: str, told: dict[str, Any]) -> "Event":
        """What the hub tells."""
        return cls(kind, told.get("id"), told.get("state"), told.get("tenant"), told.get("name"), int(told.get("missed", 0)))


class Reader:
    """Server-sent events, as they come in pieces."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._kind = ""
        self._data: list[str] = []

    def take(self, piece: bytes) -> Iterator[Event]:
        """The events that are whole now."""
        for line in self._lines.take(piece):
            name, _, value = line.removesuffix("\r").partition(":")
            if name == "event":
                self._kind = value.removeprefix(" ")
            elif name == "data":
                self._data.append(value.removeprefix(" "))
            elif not line.strip() and self._data:
                yield Event.of(self._kind, json.loads("\n".join(self._data)))
                self._kind, self._data = "", []
