from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.signal_reading import SignalReading


T = TypeVar("T", bound="SignalForm")


@_attrs_define
class SignalForm:
    """Some readings of a price, a carbon factor, a PUE or a power.

    Attributes:
        kind (str): electricity (yuan/kWh), carbon (kg/kWh), pue, or power (kW).
        readings (list[SignalReading]): Instants and values. One of an instant that is known replaces it.
        scope (str): `site:ID`, or a region.
        source (str): Where they are from.
    """

    kind: str
    readings: list[SignalReading]
    scope: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        readings = []
        for readings_item_data in self.readings:
            readings_item = readings_item_data.to_dict()
            readings.append(readings_item)

        scope = self.scope

        source = self.source

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "readings": readings,
                "scope": scope,
                "source": source,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.signal_reading import SignalReading  # noqa: PLC0415

        d = dict(src_dict)
        kind = d.pop("kind")

        readings = []
        _readings = d.pop("readings")
        for readings_item_data in _readings:
            readings_item = SignalReading.from_dict(readings_item_data)

            readings.append(readings_item)

        scope = d.pop("scope")

        source = d.pop("source")

        signal_form = cls(
            kind=kind,
            readings=readings,
            scope=scope,
            source=source,
        )

        return signal_form
