from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SiteEnergyView")


@_attrs_define
class SiteEnergyView:
    """What a site drew in a period.

    Attributes:
        period (str): `2026-11`, in the hub's local time.
        site (str):
        demand_cost_yuan (float | None | Unset): The highest reading × the demand price of a two-part tariff, in a
            month; null without one.
        energy_cost_yuan (float | None | Unset): What the energy cost by the price of each hour; null where one has
            none.
    """

    period: str
    site: str
    demand_cost_yuan: float | None | Unset = UNSET
    energy_cost_yuan: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        period = self.period

        site = self.site

        demand_cost_yuan: float | None | Unset
        if isinstance(self.demand_cost_yuan, Unset):
            demand_cost_yuan = UNSET
        else:
            demand_cost_yuan = self.demand_cost_yuan

        energy_cost_yuan: float | None | Unset
        if isinstance(self.energy_cost_yuan, Unset):
            energy_cost_yuan = UNSET
        else:
            energy_cost_yuan = self.energy_cost_yuan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "period": period,
                "site": site,
            }
        )
        if demand_cost_yuan is not UNSET:
            field_dict["demand_cost_yuan"] = demand_cost_yuan
        if energy_cost_yuan is not UNSET:
            field_dict["energy_cost_yuan"] = energy_cost_yuan

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        period = d.pop("period")

        site = d.pop("site")

        def _parse_demand_cost_yuan(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        demand_cost_yuan = _parse_demand_cost_yuan(d.pop("demand_cost_yuan", UNSET))

        def _parse_energy_cost_yuan(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        energy_cost_yuan = _parse_energy_cost_yuan(d.pop("energy_cost_yuan", UNSET))

        site_energy_view = cls(
            period=period,
            site=site,
            demand_cost_yuan=demand_cost_yuan,
            energy_cost_yuan=energy_cost_yuan,
        )

        site_energy_view.additional_properties = d
        return site_energy_view

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
