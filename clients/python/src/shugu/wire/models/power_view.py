from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PowerView")


@_attrs_define
class PowerView:
    """What the hub draws now, as far as anybody knows.

    Attributes:
        modelled_kw (float): Where nobody reads: what jobs hold × the power it is designed for × the site's PUE, if
            known.
        pools_modelled (int): Pools that are modelled.
        pools_unknown (int): Pools of which nothing is known, though jobs hold something there: they are in no figure.
        read_kw (float): By the readings of sites.
        sites_read (int): Sites that are read.
        carbon_kg_per_hour (float | None | Unset): By the grid's factor of the hour; null where it is unknown for a part
            of the power.
        kw (float | None | Unset): Read and modelled together; null where nothing is known.
    """

    modelled_kw: float
    pools_modelled: int
    pools_unknown: int
    read_kw: float
    sites_read: int
    carbon_kg_per_hour: float | None | Unset = UNSET
    kw: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        modelled_kw = self.modelled_kw

        pools_modelled = self.pools_modelled

        pools_unknown = self.pools_unknown

        read_kw = self.read_kw

        sites_read = self.sites_read

        carbon_kg_per_hour: float | None | Unset
        if isinstance(self.carbon_kg_per_hour, Unset):
            carbon_kg_per_hour = UNSET
        else:
            carbon_kg_per_hour = self.carbon_kg_per_hour

        kw: float | None | Unset
        if isinstance(self.kw, Unset):
            kw = UNSET
        else:
            kw = self.kw

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "modelled_kw": modelled_kw,
                "pools_modelled": pools_modelled,
                "pools_unknown": pools_unknown,
                "read_kw": read_kw,
                "sites_read": sites_read,
            }
        )
        if carbon_kg_per_hour is not UNSET:
            field_dict["carbon_kg_per_hour"] = carbon_kg_per_hour
        if kw is not UNSET:
            field_dict["kw"] = kw

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        modelled_kw = d.pop("modelled_kw")

        pools_modelled = d.pop("pools_modelled")

        pools_unknown = d.pop("pools_unknown")

        read_kw = d.pop("read_kw")

        sites_read = d.pop("sites_read")

        def _parse_carbon_kg_per_hour(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_kg_per_hour = _parse_carbon_kg_per_hour(d.pop("carbon_kg_per_hour", UNSET))

        def _parse_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        kw = _parse_kw(d.pop("kw", UNSET))

        power_view = cls(
            modelled_kw=modelled_kw,
            pools_modelled=pools_modelled,
            pools_unknown=pools_unknown,
            read_kw=read_kw,
            sites_read=sites_read,
            carbon_kg_per_hour=carbon_kg_per_hour,
            kw=kw,
        )

        power_view.additional_properties = d
        return power_view

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
