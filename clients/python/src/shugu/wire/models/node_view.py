from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NodeView")


@_attrs_define
class NodeView:
    """A node of a pool.

    Attributes:
        cores (float): Cores.
        cores_free (float): Those that nobody holds.
        devices (int): Accelerators.
        devices_free (float): Those of which neither the hub's jobs nor others hold anything, and what is left of the
            others.
        jobs (int): Jobs with a place on it.
        kept (bool): Whether it is kept for a job that waits.
        memory_bytes (int): Memory.
        memory_free_bytes (int): What nobody holds of it.
        name (str): Its name.
        state (str): open, cordoned, drained (what runs is stopped at once or at a deadline), window (a window has
            begun), out_of_service or silent.
        asleep (bool | Unset): Whether it is switched off to save power; it wakes for work.
        images (bool | Unset): Whether it runs container images.
        model (None | str | Unset): Model of its accelerators.
        opens_at (None | str | Unset): When it opens again, where it is closed and that is known.
        reason (None | str | Unset): Why it is out of service, or closed; what somebody said of a closing is not shown
            to tenants.
        whole_cores (bool | Unset): Whether its cores are given whole only.
        whole_devices (bool | Unset): Whether its devices are given whole only, and no parts of one.
    """

    cores: float
    cores_free: float
    devices: int
    devices_free: float
    jobs: int
    kept: bool
    memory_bytes: int
    memory_free_bytes: int
    name: str
    state: str
    asleep: bool | Unset = UNSET
    images: bool | Unset = UNSET
    model: None | str | Unset = UNSET
    opens_at: None | str | Unset = UNSET
    reason: None | str | Unset = UNSET
    whole_cores: bool | Unset = UNSET
    whole_devices: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cores = self.cores

        cores_free = self.cores_free

        devices = self.devices

        devices_free = self.devices_free

        jobs = self.jobs

        kept = self.kept

        memory_bytes = self.memory_bytes

        memory_free_bytes = self.memory_free_bytes

        name = self.name

        state = self.state

        asleep = self.asleep

        images = self.images

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        opens_at: None | str | Unset
        if isinstance(self.opens_at, Unset):
            opens_at = UNSET
        else:
            opens_at = self.opens_at

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        whole_cores = self.whole_cores

        whole_devices = self.whole_devices

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cores": cores,
                "cores_free": cores_free,
                "devices": devices,
                "devices_free": devices_free,
                "jobs": jobs,
                "kept": kept,
                "memory_bytes": memory_bytes,
                "memory_free_bytes": memory_free_bytes,
                "name": name,
                "state": state,
            }
        )
        if asleep is not UNSET:
            field_dict["asleep"] = asleep
        if images is not UNSET:
            field_dict["images"] = images
        if model is not UNSET:
            field_dict["model"] = model
        if opens_at is not UNSET:
            field_dict["opens_at"] = opens_at
        if reason is not UNSET:
            field_dict["reason"] = reason
        if whole_cores is not UNSET:
            field_dict["whole_cores"] = whole_cores
        if whole_devices is not UNSET:
            field_dict["whole_devices"] = whole_devices

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cores = d.pop("cores")

        cores_free = d.pop("cores_free")

        devices = d.pop("devices")

        devices_free = d.pop("devices_free")

        jobs = d.pop("jobs")

        kept = d.pop("kept")

        memory_bytes = d.pop("memory_bytes")

        memory_free_bytes = d.pop("memory_free_bytes")

        name = d.pop("name")

        state = d.pop("state")

        asleep = d.pop("asleep", UNSET)

        images = d.pop("images", UNSET)

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        def _parse_opens_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        opens_at = _parse_opens_at(d.pop("opens_at", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        whole_cores = d.pop("whole_cores", UNSET)

        whole_devices = d.pop("whole_devices", UNSET)

        node_view = cls(
            cores=cores,
            cores_free=cores_free,
            devices=devices,
            devices_free=devices_free,
            jobs=jobs,
            kept=kept,
            memory_bytes=memory_bytes,
            memory_free_bytes=memory_free_bytes,
            name=name,
            state=state,
            asleep=asleep,
            images=images,
            model=model,
            opens_at=opens_at,
            reason=reason,
            whole_cores=whole_cores,
            whole_devices=whole_devices,
        )

        node_view.additional_properties = d
        return node_view

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
