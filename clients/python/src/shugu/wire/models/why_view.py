from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pool_why_view import PoolWhyView
    from ..models.smaller_view import SmallerView
    from ..models.why_view_reason_type_0 import WhyViewReasonType0


T = TypeVar("T", bound="WhyView")


@_attrs_define
class WhyView:
    """Why a job waits.

    Attributes:
        message (str): In a sentence.
        pools (list[PoolWhyView]): Pool by pool.
        state (str): The job's state.
        ahead (list[str] | Unset): The first jobs that are served before it, of those that the asker may see.
        ahead_count (int | Unset): How many jobs are served before it.
        foresight (None | str | Unset): How that is known: kept (nodes are kept for it), foreseen (the engine was run
            forward), extrapolated (from the pace
            of the jobs before it) or unknown.
        reason (None | Unset | WhyViewReasonType0): `code` and its numbers; null if it does not wait.
        smaller (list[SmallerView] | Unset): The smallest changes that would start it now.
        starts_at (None | str | Unset): When it is expected to start; null while that cannot be told.
    """

    message: str
    pools: list[PoolWhyView]
    state: str
    ahead: list[str] | Unset = UNSET
    ahead_count: int | Unset = UNSET
    foresight: None | str | Unset = UNSET
    reason: None | Unset | WhyViewReasonType0 = UNSET
    smaller: list[SmallerView] | Unset = UNSET
    starts_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.why_view_reason_type_0 import WhyViewReasonType0  # noqa: PLC0415

        message = self.message

        pools = []
        for pools_item_data in self.pools:
            pools_item = pools_item_data.to_dict()
            pools.append(pools_item)

        state = self.state

        ahead: list[str] | Unset = UNSET
        if not isinstance(self.ahead, Unset):
            ahead = self.ahead

        ahead_count = self.ahead_count

        foresight: None | str | Unset
        if isinstance(self.foresight, Unset):
            foresight = UNSET
        else:
            foresight = self.foresight

        reason: dict[str, Any] | None | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, WhyViewReasonType0):
            reason = self.reason.to_dict()
        else:
            reason = self.reason

        smaller: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.smaller, Unset):
            smaller = []
            for smaller_item_data in self.smaller:
                smaller_item = smaller_item_data.to_dict()
                smaller.append(smaller_item)

        starts_at: None | str | Unset
        if isinstance(self.starts_at, Unset):
            starts_at = UNSET
        else:
            starts_at = self.starts_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "message": message,
                "pools": pools,
                "state": state,
            }
        )
        if ahead is not UNSET:
            field_dict["ahead"] = ahead
        if ahead_count is not UNSET:
            field_dict["ahead_count"] = ahead_count
        if foresight is not UNSET:
            field_dict["foresight"] = foresight
        if reason is not UNSET:
            field_dict["reason"] = reason
        if smaller is not UNSET:
            field_dict["smaller"] = smaller
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pool_why_view import PoolWhyView  # noqa: PLC0415
        from ..models.smaller_view import SmallerView  # noqa: PLC0415
        from ..models.why_view_reason_type_0 import WhyViewReasonType0  # noqa: PLC0415

        d = dict(src_dict)
        message = d.pop("message")

        pools = []
        _pools = d.pop("pools")
        for pools_item_data in _pools:
            pools_item = PoolWhyView.from_dict(pools_item_data)

            pools.append(pools_item)

        state = d.pop("state")

        ahead = cast(list[str], d.pop("ahead", UNSET))

        ahead_count = d.pop("ahead_count", UNSET)

        def _parse_foresight(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        foresight = _parse_foresight(d.pop("foresight", UNSET))

        def _parse_reason(data: object) -> None | Unset | WhyViewReasonType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reason_type_0 = WhyViewReasonType0.from_dict(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WhyViewReasonType0, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        _smaller = d.pop("smaller", UNSET)
        smaller: list[SmallerView] | Unset = UNSET
        if _smaller is not UNSET:
            smaller = []
            for smaller_item_data in _smaller:
                smaller_item = SmallerView.from_dict(smaller_item_data)

                smaller.append(smaller_item)

        def _parse_starts_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        starts_at = _parse_starts_at(d.pop("starts_at", UNSET))

        why_view = cls(
            message=message,
            pools=pools,
            state=state,
            ahead=ahead,
            ahead_count=ahead_count,
            foresight=foresight,
            reason=reason,
            smaller=smaller,
            starts_at=starts_at,
        )

        why_view.additional_properties = d
        return why_view

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
