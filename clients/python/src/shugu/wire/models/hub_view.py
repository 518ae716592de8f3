from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.power_view import PowerView


T = TypeVar("T", bound="HubView")


@_attrs_define
class HubView:
    """The hub at a glance.

    Attributes:
        cores (float): Their cores.
        cores_held (float): Those held by jobs.
        devices (int): Their accelerators.
        devices_held (int): Those held by jobs.
        name (str): Its name.
        name_zh (str): Its name in Chinese.
        nodes (int): Their nodes.
        now (str): Now, with the hub's own offset.
        placed (int): Jobs that hold a place, those that run among them.
        pools (int): How many pools.
        role (str): Role of the token that asked.
        running (int): Jobs that run.
        subject (str): Its subject.
        tenants (int): How many tenants.
        version (str): Version of the program.
        waiting (int): Jobs without a place.
        power (None | PowerView | Unset):
        writer (None | str | Unset): Where the hub is that writes, while this one stands by: empty where that is not
            known, `null` where it is this one.
    """

    cores: float
    cores_held: float
    devices: int
    devices_held: int
    name: str
    name_zh: str
    nodes: int
    now: str
    placed: int
    pools: int
    role: str
    running: int
    subject: str
    tenants: int
    version: str
    waiting: int
    power: None | PowerView | Unset = UNSET
    writer: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.power_view import PowerView  # noqa: PLC0415

        cores = self.cores

        cores_held = self.cores_held

        devices = self.devices

        devices_held = self.devices_held

        name = self.name

        name_zh = self.name_zh

        nodes = self.nodes

        now = self.now

        placed = self.placed

        pools = self.pools

        role = self.role

        running = self.running

        subject = self.subject

        tenants = self.tenants

        version = self.version

        waiting = self.waiting

        power: dict[str, Any] | None | Unset
        if isinstance(self.power, Unset):
            power = UNSET
        elif isinstance(self.power, PowerView):
            power = self.power.to_dict()
        else:
            power = self.power

        writer: None | str | Unset
        if isinstance(self.writer, Unset):
            writer = UNSET
        else:
            writer = self.writer

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "cores": cores,
                "cores_held": cores_held,
                "devices": devices,
                "devices_held": devices_held,
                "name": name,
                "name_zh": name_zh,
                "nodes": nodes,
                "now": now,
                "placed": placed,
                "pools": pools,
                "role": role,
                "running": running,
                "subject": subject,
                "tenants": tenants,
                "version": version,
                "waiting": waiting,
            }
        )
        if power is not UNSET:
            field_dict["power"] = power
        if writer is not UNSET:
            field_dict["writer"] = writer

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.power_view import PowerView  # noqa: PLC0415

        d = dict(src_dict)
        cores = d.pop("cores")

        cores_held = d.pop("cores_held")

        devices = d.pop("devices")

        devices_held = d.pop("devices_held")

        name = d.pop("name")

        name_zh = d.pop("name_zh")

        nodes = d.pop("nodes")

        now = d.pop("now")

        placed = d.pop("placed")

        pools = d.pop("pools")

        role = d.pop("role")

        running = d.pop("running")

        subject = d.pop("subject")

        tenants = d.pop("tenants")

        version = d.pop("version")

        waiting = d.pop("waiting")

        def _parse_power(data: object) -> None | PowerView | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                power_type_0 = PowerView.from_dict(data)

                return power_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PowerView | Unset, data)

        power = _parse_power(d.pop("power", UNSET))

        def _parse_writer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        writer = _parse_writer(d.pop("writer", UNSET))

        hub_view = cls(
            cores=cores,
            cores_held=cores_held,
            devices=devices,
            devices_held=devices_held,
            name=name,
            name_zh=name_zh,
            nodes=nodes,
            now=now,
            placed=placed,
            pools=pools,
            role=role,
            running=running,
            subject=subject,
            tenants=tenants,
            version=version,
            waiting=waiting,
            power=power,
            writer=writer,
        )

        hub_view.additional_properties = d
        return hub_view

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
