from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReadingForm")


@_attrs_define
class ReadingForm:
    """What a meter says of an attempt after it has ended. What is left out stays as it is.

    Attributes:
        attempt (int | None | Unset): Which attempt, counted from 1; the last one if left out.
        cpu_s (float | None | Unset): Core-time used.
        energy_kwh (float | None | Unset): Energy at the machine.
        peak_memory_bytes (int | None | Unset): Peak memory.
        read_at (None | str | Unset): When it was read; now if left out. One that is older than what is known is
            refused.
        run_s (float | None | Unset): How long it ran, in seconds.
        utilisation (float | None | Unset): The part of what its devices can do that they did, 0 to 1.
    """

    attempt: int | None | Unset = UNSET
    cpu_s: float | None | Unset = UNSET
    energy_kwh: float | None | Unset = UNSET
    peak_memory_bytes: int | None | Unset = UNSET
    read_at: None | str | Unset = UNSET
    run_s: float | None | Unset = UNSET
    utilisation: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        attempt: int | None | Unset
        if isinstance(self.attempt, Unset):
            attempt = UNSET
        else:
            attempt = self.attempt

        cpu_s: float | None | Unset
        if isinstance(self.cpu_s, Unset):
            cpu_s = UNSET
        else:
            cpu_s = self.cpu_s

        energy_kwh: float | None | Unset
        if isinstance(self.energy_kwh, Unset):
            energy_kwh = UNSET
        else:
            energy_kwh = self.energy_kwh

        peak_memory_bytes: int | None | Unset
        if isinstance(self.peak_memory_bytes, Unset):
            peak_memory_bytes = UNSET
        else:
            peak_memory_bytes = self.peak_memory_bytes

        read_at: None | str | Unset
        if isinstance(self.read_at, Unset):
            read_at = UNSET
        else:
            read_at = self.read_at

        run_s: float | None | Unset
        if isinstance(self.run_s, Unset):
            run_s = UNSET
        else:
            run_s = self.run_s

        utilisation: float | None | Unset
        if isinstance(self.utilisation, Unset):
            utilisation = UNSET
        else:
            utilisation = self.utilisation

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if attempt is not UNSET:
            field_dict["attempt"] = attempt
        if cpu_s is not UNSET:
            field_dict["cpu_s"] = cpu_s
        if energy_kwh is not UNSET:
            field_dict["energy_kwh"] = energy_kwh
        if peak_memory_bytes is not UNSET:
            field_dict["peak_memory_bytes"] = peak_memory_bytes
        if read_at is not UNSET:
            field_dict["read_at"] = read_at
        if run_s is not UNSET:
            field_dict["run_s"] = run_s
        if utilisation is not UNSET:
            field_dict["utilisation"] = utilisation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_attempt(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        attempt = _parse_attempt(d.pop("attempt", UNSET))

        def _parse_cpu_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        cpu_s = _parse_cpu_s(d.pop("cpu_s", UNSET))

        def _parse_energy_kwh(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        energy_kwh = _parse_energy_kwh(d.pop("energy_kwh", UNSET))

        def _parse_peak_memory_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        peak_memory_bytes = _parse_peak_memory_bytes(d.pop("peak_memory_bytes", UNSET))

        def _parse_read_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        read_at = _parse_read_at(d.pop("read_at", UNSET))

        def _parse_run_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        run_s = _parse_run_s(d.pop("run_s", UNSET))

        def _parse_utilisation(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        utilisation = _parse_utilisation(d.pop("utilisation", UNSET))

        reading_form = cls(
            attempt=attempt,
            cpu_s=cpu_s,
            energy_kwh=energy_kwh,
            peak_memory_bytes=peak_memory_bytes,
            read_at=read_at,
            run_s=run_s,
            utilisation=utilisation,
        )

        return reading_form
