from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="StatementLine")


@_attrs_define
class StatementLine:
    """A line of a statement.

    Attributes:
        amount_yuan (float): What this statement's owner pays (tenant) or receives (provider).
        core_hours (float): Cores held.
        counterpart (str): The other side: the provider on a tenant's statement, the tenant on a provider's.
        device_hours (float): Devices held.
        energy_kwh (float): Energy.
        fee_yuan (float): The hub's share of it.
        jobs (int): How many jobs.
        pool (str): Where the jobs ran.
        price_yuan (float): The price of these jobs.
        carbon_at_once_kg (float | None | Unset): What would have been emitted, had all that chose its hours begun at
            once where it first fitted; location-based.
        carbon_kg (float | None | Unset): Carbon, location-based; null if unknown for any.
        carbon_market_at_once_kg (float | None | Unset): Market-based.
        carbon_market_kg (float | None | Unset): Market-based.
        energy_cost_yuan (float | None | Unset): What that energy cost by the hour's tariff (told, not charged); null if
            unknown for any job.
    """

    amount_yuan: float
    core_hours: float
    counterpart: str
    device_hours: float
    energy_kwh: float
    fee_yuan: float
    jobs: int
    pool: str
    price_yuan: float
    carbon_at_once_kg: float | None | Unset = UNSET
    carbon_kg: float | None | Unset = UNSET
    carbon_market_at_once_kg: float | None | Unset = UNSET
    carbon_market_kg: float | None | Unset = UNSET
    energy_cost_yuan: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount_yuan = self.amount_yuan

        core_hours = self.core_hours

        counterpart = self.counterpart

        device_hours = self.device_hours

        energy_kwh = self.energy_kwh

        fee_yuan = self.fee_yuan

        jobs = self.jobs

        pool = self.pool

        price_yuan = self.price_yuan

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

        energy_cost_yuan: float | None | Unset
        if isinstance(self.energy_cost_yuan, Unset):
            energy_cost_yuan = UNSET
        else:
            energy_cost_yuan = self.energy_cost_yuan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount_yuan": amount_yuan,
                "core_hours": core_hours,
                "counterpart": counterpart,
                "device_hours": device_hours,
                "energy_kwh": energy_kwh,
                "fee_yuan": fee_yuan,
                "jobs": jobs,
                "pool": pool,
                "price_yuan": price_yuan,
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
        if energy_cost_yuan is not UNSET:
            field_dict["energy_cost_yuan"] = energy_cost_yuan

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount_yuan = d.pop("amount_yuan")

        core_hours = d.pop("core_hours")

        counterpart = d.pop("counterpart")

        device_hours = d.pop("device_hours")

        energy_kwh = d.pop("energy_kwh")

        fee_yuan = d.pop("fee_yuan")

        jobs = d.pop("jobs")

        pool = d.pop("pool")

        price_yuan = d.pop("price_yuan")

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

        def _parse_energy_cost_yuan(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        energy_cost_yuan = _parse_energy_cost_yuan(d.pop("energy_cost_yuan", UNSET))

        statement_line = cls(
            amount_yuan=amount_yuan,
            core_hours=core_hours,
            counterpart=counterpart,
            device_hours=device_hours,
            energy_kwh=energy_kwh,
            fee_yuan=fee_yuan,
            jobs=jobs,
            pool=pool,
            price_yuan=price_yuan,
            carbon_at_once_kg=carbon_at_once_kg,
            carbon_kg=carbon_kg,
            carbon_market_at_once_kg=carbon_market_at_once_kg,
            carbon_market_kg=carbon_market_kg,
            energy_cost_yuan=energy_cost_yuan,
        )

        statement_line.additional_properties = d
        return statement_line

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
