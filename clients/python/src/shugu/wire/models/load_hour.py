from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LoadHour")


@_attrs_define
class LoadHour:
    """What was held in an hour.

    Attributes:
        core_hours (float): Cores × time.
        device_hours (float): Devices × time.
        from_ (str): When it began, RFC 3339.
    """

    core_hours: float
    device_hours: float
    from_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        core_hours = self.core_hours

        device_hours = self.device_hours

        from_ = self.from_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "core_hours": core_hours,
                "device_hours": device_hours,
                "from": from_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        core_hours = d.pop("core_hours")

        device_hours = d.pop("device_hours")

        from_ = d.pop("from")

        load_hour = cls(
            core_hours=core_hours,
            device_hours=device_hours,
            from_=from_,
        )

        load_hour.additional_properties = d
        return load_hour

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
