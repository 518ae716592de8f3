"""What notebooks and terminals show: small tables, and how far things are."""

import html
import importlib
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Self

COLOURS = {
    "done": "#2e7d32",
    "running": "#1565c0",
    "placed": "#64b5f6",
    "stopping": "#90a4ae",
    "waiting": "#cfd8dc",
    "failed": "#c62828",
    "lost": "#6a1b9a",
    "cancelled": "#8d6e63",
}
"""By state, in the order in which a bar shows them."""


def text(words: str) -> str:
    """Plain words."""
    return f"<pre>{html.escape(words)}</pre>"


def table(caption: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table; whatever is in it is told as text."""

    def cells(kind: str, row: Sequence[object]) -> str:
        return "".join(f'<{kind} style="text-align:left">{html.escape(str(cell))}</{kind}>' for cell in row)

    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table>{title}<thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"


def bar(states: dict[str, int]) -> str:
    """How many are in which state, as one bar."""
    all_of = sum(states.values()) or 1

    def part(state: str) -> str:
        style = f"display:inline-block;height:1em;width:{100 * states[state] / all_of:.2f}%;background:{COLOURS[state]}"
        return f'<span title="{state}" style="{style}"></span>'

    parts = "".join(part(state) for state in COLOURS if states.get(state))
    return f'<div style="width:24em;line-height:1em;white-space:nowrap">{parts}</div>'


def counted(states: dict[str, int]) -> str:
    """How many are in which state, in words."""
    return ", ".join(f"{states[state]} {state}" for state in COLOURS if states.get(state))


def _may_show() -> bool:
    """Whether somebody looks: at a notebook, or at a terminal."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()


class Progress:
    """How many of some things are over, by tqdm where it is there and somebody looks."""

    def __init__(self, count: int, label: str, wanted: bool | None) -> None:
        self._bar: Any = None
        self._count = count
        if wanted is False or (wanted is None and not _may_show()):
            return
        try:
            tqdm = importlib.import_module("tqdm.auto").tqdm
        except ImportError:
            if wanted:
                raise ImportError("progress is shown by tqdm: pip install 'shugu[notebook]'") from None
            return
        self._bar = tqdm(total=count, desc=label, leave=True)

    def tell(self, ended: int, states: str) -> None:
        """So many are over, and this is how the others are."""
        if self._bar is not None:
            self._bar.set_postfix_str(states, refresh=False)
            self._bar.update(ended - self._bar.n)
            self._bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
