from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SignalView")


@_attrs_define
class SignalView:
    """A series.

    Attributes:
        kind (str):
        readings (list[list[Any]]): Instants and values.
        scope (str):
        unit (str):
    """

    kind: str
    readings: list[list[Any]]
    scope: str
    unit: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        readings = []
        for readings_item_data in self.readings:
            readings_item = readings_item_data

            readings.append(readings_item)

        scope = self.scope

        unit = self.unit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "readings": readings,
                "scope": scope,
                "unit": unit,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = d.pop("kind")

        readings = []
        _readings = d.pop("readings")
        for readings_item_data in _readings:
            readings_item = cast(list[Any], readings_item_data)

            readings.append(readings_item)

        scope = d.pop("scope")

        unit = d.pop("unit")

        signal_view = cls(
            kind=kind,
            readings=readings,
            scope=scope,
            unit=unit,
        )

        signal_view.additional_properties = d
        return signal_view

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
