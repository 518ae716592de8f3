from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="EmittedView")


@_attrs_define
class EmittedView:
    """What was emitted, and what would have been, had all that made use of a choice of hours begun at once where it first
    fitted and
    never paused (docs/green.md). Each is null where it is unknown for any attempt.

        Attributes:
            carbon_at_once_kg (float | None | Unset): Location-based, begun at once.
            carbon_kg (float | None | Unset): Location-based: by the grid's factors.
            carbon_market_at_once_kg (float | None | Unset): Market-based, begun at once.
            carbon_market_kg (float | None | Unset): Market-based: without what is bought as green.
    """

    carbon_at_once_kg: float | None | Unset = UNSET
    carbon_kg: float | None | Unset = UNSET
    carbon_market_at_once_kg: float | None | Unset = UNSET
    carbon_market_kg: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        carbon_at_once_kg: float | None | Unset
        if isinstance(self.carbon_at_once_kg, Unset):
            carbon_at_once_kg = UNSET
        else:
            carbon_at_once_kg = self.carbon_at_once_kg

        carbon_kg: float | None | Unset
        if isinstance(self.carbon_kg, Unset):
            carbon_kg = UNSET
        else:
            carbon_kg = self.carbon_kg

        carbon_market_at_once_kg: float | None | Unset
        if isinstance(self.carbon_market_at_once_kg, Unset):
            carbon_market_at_once_kg = UNSET
        else:
            carbon_market_at_once_kg = self.carbon_market_at_once_kg

        carbon_market_kg: float | None | Unset
        if isinstance(self.carbon_market_kg, Unset):
            carbon_market_kg = UNSET
        else:
            carbon_market_kg = self.carbon_market_kg

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if carbon_at_once_kg is not UNSET:
            field_dict["carbon_at_once_kg"] = carbon_at_once_kg
        if carbon_kg is not UNSET:
            field_dict["carbon_kg"] = carbon_kg
        if carbon_market_at_once_kg is not UNSET:
            field_dict["carbon_market_at_once_kg"] = carbon_market_at_once_kg
        if carbon_market_kg is not UNSET:
            field_dict["carbon_market_kg"] = carbon_market_kg

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_carbon_at_once_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_at_once_kg = _parse_carbon_at_once_kg(d.pop("carbon_at_once_kg", UNSET))

        def _parse_carbon_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_kg = _parse_carbon_kg(d.pop("carbon_kg", UNSET))

        def _parse_carbon_market_at_once_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_market_at_once_kg = _parse_carbon_market_at_once_kg(d.pop("carbon_market_at_once_kg", UNSET))

        def _parse_carbon_market_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_market_kg = _parse_carbon_market_kg(d.pop("carbon_market_kg", UNSET))

        emitted_view = cls(
            carbon_at_once_kg=carbon_at_once_kg,
            carbon_kg=carbon_kg,
            carbon_market_at_once_kg=carbon_market_at_once_kg,
            carbon_market_kg=carbon_market_kg,
        )

        emitted_view.additional_properties = d
        return emitted_view

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
