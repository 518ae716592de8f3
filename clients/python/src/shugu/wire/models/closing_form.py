from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.closing_kind import ClosingKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="ClosingForm")


@_attrs_define
class ClosingForm:
    """Something that is to be closed: a site, a pool, or a node of a pool. An instant is written as
    `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.

        Attributes:
            kind (ClosingKind): How something is closed.
            deadline (None | str | Unset): When a drain stops what still runs; at once if left out.
            from_ (None | str | Unset): When a window begins.
            node (None | str | Unset): Of that pool, this node only.
            pool (None | str | Unset): This pool.
            reason (None | str | Unset): Why, for people.
            site (None | str | Unset): Every pool at this site; operators only.
            until (None | str | Unset): When it opens by itself; a window says it.
    """

    kind: ClosingKind
    deadline: None | str | Unset = UNSET
    from_: None | str | Unset = UNSET
    node: None | str | Unset = UNSET
    pool: None | str | Unset = UNSET
    reason: None | str | Unset = UNSET
    site: None | str | Unset = UNSET
    until: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        deadline: None | str | Unset
        if isinstance(self.deadline, Unset):
            deadline = UNSET
        else:
            deadline = self.deadline

        from_: None | str | Unset
        if isinstance(self.from_, Unset):
            from_ = UNSET
        else:
            from_ = self.from_

        node: None | str | Unset
        if isinstance(self.node, Unset):
            node = UNSET
        else:
            node = self.node

        pool: None | str | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        else:
            pool = self.pool

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        site: None | str | Unset
        if isinstance(self.site, Unset):
            site = UNSET
        else:
            site = self.site

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        else:
            until = self.until

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
            }
        )
        if deadline is not UNSET:
            field_dict["deadline"] = deadline
        if from_ is not UNSET:
            field_dict["from"] = from_
        if node is not UNSET:
            field_dict["node"] = node
        if pool is not UNSET:
            field_dict["pool"] = pool
        if reason is not UNSET:
            field_dict["reason"] = reason
        if site is not UNSET:
            field_dict["site"] = site
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = ClosingKind(d.pop("kind"))

        def _parse_deadline(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        deadline = _parse_deadline(d.pop("deadline", UNSET))

        def _parse_from_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        from_ = _parse_from_(d.pop("from", UNSET))

        def _parse_node(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        node = _parse_node(d.pop("node", UNSET))

        def _parse_pool(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_site(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        site = _parse_site(d.pop("site", UNSET))

        def _parse_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        closing_form = cls(
            kind=kind,
            deadline=deadline,
            from_=from_,
            node=node,
            pool=pool,
            reason=reason,
            site=site,
            until=until,
        )

        return closing_form
