from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChargeView")


@_attrs_define
class ChargeView:
    """What an attempt of a job was charged, or by what a correction changed that.

    Attributes:
        at (str): RFC 3339.
        attempt (int): Which attempt, counted from 1.
        core_hours (float): Cores held.
        credit_yuan (float): What of the price was paid with credits.
        device_hours (float): Devices held.
        energy_kwh (float): Energy.
        energy_source (str): How that is known.
        entry (int): The entry of the journal that says so.
        fee_yuan (float): The hub's share of it.
        job (str): The job.
        job_name (str): What its tenant calls it.
        pool (str): Where it ran.
        price_yuan (float): The price.
        provider (str): Who receives.
        run_s (float): How long it ran.
        tenant (str): Who pays.
        carbon_at_once_kg (float | None | Unset): What it would have emitted, begun at once where it first fitted; as
            `carbon_kg` where its job made no use of a choice.
        carbon_kg (float | None | Unset): Carbon; null where no factor is known.
        corrects (int | None | Unset): The entry of the bill or correction that it replaces; amounts are differences to
            that one then.
        original (int | None | Unset): The entry of the attempt's first bill, where this corrects it or a correction of
            it.
    """

    at: str
    attempt: int
    core_hours: float
    credit_yuan: float
    device_hours: float
    energy_kwh: float
    energy_source: str
    entry: int
    fee_yuan: float
    job: str
    job_name: str
    pool: str
    price_yuan: float
    provider: str
    run_s: float
    tenant: str
    carbon_at_once_kg: float | None | Unset = UNSET
    carbon_kg: float | None | Unset = UNSET
    corrects: int | None | Unset = UNSET
    original: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        attempt = self.attempt

        core_hours = self.core_hours

        credit_yuan = self.credit_yuan

        device_hours = self.device_hours

        energy_kwh = self.energy_kwh

        energy_source = self.energy_source

        entry = self.entry

        fee_yuan = self.fee_yuan

        job = self.job

        job_name = self.job_name

        pool = self.pool

        price_yuan = self.price_yuan

        provider = self.provider

        run_s = self.run_s

        tenant = self.tenant

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

        corrects: int | None | Unset
        if isinstance(self.corrects, Unset):
            corrects = UNSET
        else:
            corrects = self.corrects

        original: int | None | Unset
        if isinstance(self.original, Unset):
            original = UNSET
        else:
            original = self.original

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "attempt": attempt,
                "core_hours": core_hours,
                "credit_yuan": credit_yuan,
                "device_hours": device_hours,
                "energy_kwh": energy_kwh,
                "energy_source": energy_source,
                "entry": entry,
                "fee_yuan": fee_yuan,
                "job": job,
                "job_name": job_name,
                "pool": pool,
                "price_yuan": price_yuan,
                "provider": provider,
                "run_s": run_s,
                "tenant": tenant,
            }
        )
        if carbon_at_once_kg is not UNSET:
            field_dict["carbon_at_once_kg"] = carbon_at_once_kg
        if carbon_kg is not UNSET:
            field_dict["carbon_kg"] = carbon_kg
        if corrects is not UNSET:
            field_dict["corrects"] = corrects
        if original is not UNSET:
            field_dict["original"] = original

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        attempt = d.pop("attempt")

        core_hours = d.pop("core_hours")

        credit_yuan = d.pop("credit_yuan")

        device_hours = d.pop("device_hours")

        energy_kwh = d.pop("energy_kwh")

        energy_source = d.pop("energy_source")

        entry = d.pop("entry")

        fee_yuan = d.pop("fee_yuan")

        job = d.pop("job")

        job_name = d.pop("job_name")

        pool = d.pop("pool")

        price_yuan = d.pop("price_yuan")

        provider = d.pop("provider")

        run_s = d.pop("run_s")

        tenant = d.pop("tenant")

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

        def _parse_corrects(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        corrects = _parse_corrects(d.pop("corrects", UNSET))

        def _parse_original(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        original = _parse_original(d.pop("original", UNSET))

        charge_view = cls(
            at=at,
            attempt=attempt,
            core_hours=core_hours,
            credit_yuan=credit_yuan,
            device_hours=device_hours,
            energy_kwh=energy_kwh,
            energy_source=energy_source,
            entry=entry,
            fee_yuan=fee_yuan,
            job=job,
            job_name=job_name,
            pool=pool,
            price_yuan=price_yuan,
            provider=provider,
            run_s=run_s,
            tenant=tenant,
            carbon_at_once_kg=carbon_at_once_kg,
            carbon_kg=carbon_kg,
            corrects=corrects,
            original=original,
        )

        charge_view.additional_properties = d
        return charge_view

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
