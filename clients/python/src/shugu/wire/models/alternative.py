from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Alternative")


@_attrs_define
class Alternative:
    """Another way to serve a replica.

    Attributes:
        devices (float): Devices for each replica, or a part of one.
        device_memory_gb (int | None | Unset): The least memory of a device, in GB.
        models (list[str] | Unset): Acceptable models.
        power (None | str | Unset): The least computing power of all replicas together: "20 PFLOPS fp16".
        replicas (int | None | Unset): How many replicas, if not as many as the job says.
    """

    devices: float
    device_memory_gb: int | None | Unset = UNSET
    models: list[str] | Unset = UNSET
    power: None | str | Unset = UNSET
    replicas: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        devices = self.devices

        device_memory_gb: int | None | Unset
        if isinstance(self.device_memory_gb, Unset):
            device_memory_gb = UNSET
        else:
            device_memory_gb = self.device_memory_gb

        models: list[str] | Unset = UNSET
        if not isinstance(self.models, Unset):
            models = self.models

        power: None | str | Unset
        if isinstance(self.power, Unset):
            power = UNSET
        else:
            power = self.power

        replicas: int | None | Unset
        if isinstance(self.replicas, Unset):
            replicas = UNSET
        else:
            replicas = self.replicas

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "devices": devices,
            }
        )
        if device_memory_gb is not UNSET:
            field_dict["device_memory_gb"] = device_memory_gb
        if models is not UNSET:
            field_dict["models"] = models
        if power is not UNSET:
            field_dict["power"] = power
        if replicas is not UNSET:
            field_dict["replicas"] = replicas

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        devices = d.pop("devices")

        def _parse_device_memory_gb(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        device_memory_gb = _parse_device_memory_gb(d.pop("device_memory_gb", UNSET))

        models = cast(list[str], d.pop("models", UNSET))

        def _parse_power(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        power = _parse_power(d.pop("power", UNSET))

        def _parse_replicas(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        replicas = _parse_replicas(d.pop("replicas", UNSET))

        alternative = cls(
            devices=devices,
            device_memory_gb=device_memory_gb,
            models=models,
            power=power,
            replicas=replicas,
        )

        return alternative
