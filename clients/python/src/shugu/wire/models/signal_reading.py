from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SignalReading")


@_attrs_define
class SignalReading:
    """One reading.

    Attributes:
        at (str): From when it holds.
        value (float): In the kind's unit.
    """

    at: str
    value: float

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        value = self.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "value": value,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        value = d.pop("value")

        signal_reading = cls(
            at=at,
            value=value,
        )

        return signal_reading
