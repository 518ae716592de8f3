from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Operations")


@_attrs_define
class Operations:
    """What a hub ran in a year.

    Attributes:
        attempts (int): Attempts that had a place and are over.
        device_hours (float):
        energy_kwh (float):
        fee_yuan (float):
        from_ (str): From when.
        paid_yuan (float):
        to (str): Until when.
        carbon_at_once_kg (float | None | Unset): What would have been emitted, had all that chose its hours begun at
            once where it first fitted; location-based.
        carbon_kg (float | None | Unset): Carbon, location-based; null if unknown for any.
        carbon_market_at_once_kg (float | None | Unset): Market-based.
        carbon_market_kg (float | None | Unset): Market-based.
        utilisation (float | None | Unset): Device-hours over those of the connected devices in that time, as they are
            at its end; null where there are none.
    """

    attempts: int
    device_hours: float
    energy_kwh: float
    fee_yuan: float
    from_: str
    paid_yuan: float
    to: str
    carbon_at_once_kg: float | None | Unset = UNSET
    carbon_kg: float | None | Unset = UNSET
    carbon_market_at_once_kg: float | None | Unset = UNSET
    carbon_market_kg: float | None | Unset = UNSET
    utilisation: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        device_hours = self.device_hours

        energy_kwh = self.energy_kwh

        fee_yuan = self.fee_yuan

        from_ = self.from_

        paid_yuan = self.paid_yuan

        to = self.to

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

        utilisation: float | None | Unset
        if isinstance(self.utilisation, Unset):
            utilisation = UNSET
        else:
            utilisation = self.utilisation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "device_hours": device_hours,
                "energy_kwh": energy_kwh,
                "fee_yuan": fee_yuan,
                "from": from_,
                "paid_yuan": paid_yuan,
                "to": to,
            }
        )
        if carbon_at_once_kg is not UNSET:
            field_dict["carbon_at_once_kg"] = carbon_at_once_kg
        if carbon_kg is not UNSET:
            field_dict["carbon_kg"] = carbon_kg
        if carbon_market_at_once_kg is not UNSET:
            field_dict["carbon_market_at_once_kg"] = carbon_market_at_once_kg
        if carbon_market_kg is not UNSET:
            field_dict["carbon_market_kg"] = carbon_market_kg
        if utilisation is not UNSET:
            field_dict["utilisation"] = utilisation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempts = d.pop("attempts")

        device_hours = d.pop("device_hours")

        energy_kwh = d.pop("energy_kwh")

        fee_yuan = d.pop("fee_yuan")

        from_ = d.pop("from")

        paid_yuan = d.pop("paid_yuan")

        to = d.pop("to")

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

        def _parse_utilisation(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        utilisation = _parse_utilisation(d.pop("utilisation", UNSET))

        operations = cls(
            attempts=attempts,
            device_hours=device_hours,
            energy_kwh=energy_kwh,
            fee_yuan=fee_yuan,
            from_=from_,
            paid_yuan=paid_yuan,
            to=to,
            carbon_at_once_kg=carbon_at_once_kg,
            carbon_kg=carbon_kg,
            carbon_market_at_once_kg=carbon_market_at_once_kg,
            carbon_market_kg=carbon_market_kg,
            utilisation=utilisation,
        )

        operations.additional_properties = d
        return operations

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
