from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.load_hour import LoadHour


T = TypeVar("T", bound="LoadView")


@_attrs_define
class LoadView:
    """The load of pools, hour by hour.

    Attributes:
        cores (float): Their cores.
        devices (int): Devices of these pools, as they are now.
        hours (list[LoadHour]): Oldest first; the last one is not over.
    """

    cores: float
    devices: int
    hours: list[LoadHour]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cores = self.cores

        devices = self.devices

        hours = []
        for hours_item_data in self.hours:
            hours_item = hours_item_data.to_dict()
            hours.append(hours_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cores": cores,
                "devices": devices,
                "hours": hours,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.load_hour import LoadHour  # noqa: PLC0415

        d = dict(src_dict)
        cores = d.pop("cores")

        devices = d.pop("devices")

        hours = []
        _hours = d.pop("hours")
        for hours_item_data in _hours:
            hours_item = LoadHour.from_dict(hours_item_data)

            hours.append(hours_item)

        load_view = cls(
            cores=cores,
            devices=devices,
            hours=hours,
        )

        load_view.additional_properties = d
        return load_view

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
