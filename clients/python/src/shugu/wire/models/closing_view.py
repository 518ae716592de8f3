from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.closed_by import ClosedBy
from ..models.closing_kind import ClosingKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="ClosingView")


@_attrs_define
class ClosingView:
    """A time in which a site, a pool, or a node of a pool takes no work.

    Attributes:
        begun (bool): Whether it is closed now.
        by (ClosedBy): Who closed something.
        from_ (str): RFC 3339.
        kind (ClosingKind): How something is closed.
        reason (str): Why, for people.
        node (None | str | Unset): Of that pool, this node only.
        pool (None | str | Unset): This pool.
        site (None | str | Unset): Every pool at this site.
        site_name (None | str | Unset): What the census calls that site.
        stop_at (None | str | Unset): When what still runs is stopped; null for never.
        until (None | str | Unset): RFC 3339; null until somebody opens it.
    """

    begun: bool
    by: ClosedBy
    from_: str
    kind: ClosingKind
    reason: str
    node: None | str | Unset = UNSET
    pool: None | str | Unset = UNSET
    site: None | str | Unset = UNSET
    site_name: None | str | Unset = UNSET
    stop_at: None | str | Unset = UNSET
    until: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        begun = self.begun

        by = self.by.value

        from_ = self.from_

        kind = self.kind.value

        reason = self.reason

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

        site: None | str | Unset
        if isinstance(self.site, Unset):
            site = UNSET
        else:
            site = self.site

        site_name: None | str | Unset
        if isinstance(self.site_name, Unset):
            site_name = UNSET
        else:
            site_name = self.site_name

        stop_at: None | str | Unset
        if isinstance(self.stop_at, Unset):
            stop_at = UNSET
        else:
            stop_at = self.stop_at

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        else:
            until = self.until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "begun": begun,
                "by": by,
                "from": from_,
                "kind": kind,
                "reason": reason,
            }
        )
        if node is not UNSET:
            field_dict["node"] = node
        if pool is not UNSET:
            field_dict["pool"] = pool
        if site is not UNSET:
            field_dict["site"] = site
        if site_name is not UNSET:
            field_dict["site_name"] = site_name
        if stop_at is not UNSET:
            field_dict["stop_at"] = stop_at
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        begun = d.pop("begun")

        by = ClosedBy(d.pop("by"))

        from_ = d.pop("from")

        kind = ClosingKind(d.pop("kind"))

        reason = d.pop("reason")

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

        def _parse_site(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        site = _parse_site(d.pop("site", UNSET))

        def _parse_site_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        site_name = _parse_site_name(d.pop("site_name", UNSET))

        def _parse_stop_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stop_at = _parse_stop_at(d.pop("stop_at", UNSET))

        def _parse_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        closing_view = cls(
            begun=begun,
            by=by,
            from_=from_,
            kind=kind,
            reason=reason,
            node=node,
            pool=pool,
            site=site,
            site_name=site_name,
            stop_at=stop_at,
            until=until,
        )

        closing_view.additional_properties = d
        return closing_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
