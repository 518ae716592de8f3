from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pool_view_out_of_service import PoolViewOutOfService


T = TypeVar("T", bound="PoolView")


@_attrs_define
class PoolView:
    """A pool.

    Attributes:
        contact (bool): Whether its agent is in touch.
        cores (float): Cores.
        cores_held (float): Those held by jobs.
        devices (int): Accelerators.
        devices_held (int): Those held by jobs.
        executor (str): What starts the work.
        jobs (int): Jobs that hold a place.
        memory_bytes (int): Memory of all nodes.
        name (str): Its name.
        nodes (int): How many nodes.
        provider (str): Who owns it.
        cores_others (float | Unset): Cores that others hold, or that are out of service.
        devices_others (int | Unset): Accelerators that others than the hub's jobs hold, or that are out of service.
        model (None | str | Unset): Model of its accelerators.
        nodes_asleep (int | Unset): How many of them are switched off to save power; they wake for work.
        out_of_service (PoolViewOutOfService | Unset): Nodes that the site's manager has taken out of service, with its
            reason.
        site (None | str | Unset): Where it stands; null for a machine that is no data centre.
    """

    contact: bool
    cores: float
    cores_held: float
    devices: int
    devices_held: int
    executor: str
    jobs: int
    memory_bytes: int
    name: str
    nodes: int
    provider: str
    cores_others: float | Unset = UNSET
    devices_others: int | Unset = UNSET
    model: None | str | Unset = UNSET
    nodes_asleep: int | Unset = UNSET
    out_of_service: PoolViewOutOfService | Unset = UNSET
    site: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        contact = self.contact

        cores = self.cores

        cores_held = self.cores_held

        devices = self.devices

        devices_held = self.devices_held

        executor = self.executor

        jobs = self.jobs

        memory_bytes = self.memory_bytes

        name = self.name

        nodes = self.nodes

        provider = self.provider

        cores_others = self.cores_others

        devices_others = self.devices_others

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        nodes_asleep = self.nodes_asleep

        out_of_service: dict[str, Any] | Unset = UNSET
        if not isinstance(self.out_of_service, Unset):
            out_of_service = self.out_of_service.to_dict()

        site: None | str | Unset
        if isinstance(self.site, Unset):
            site = UNSET
        else:
            site = self.site

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "contact": contact,
                "cores": cores,
                "cores_held": cores_held,
                "devices": devices,
                "devices_held": devices_held,
                "executor": executor,
                "jobs": jobs,
                "memory_bytes": memory_bytes,
                "name": name,
                "nodes": nodes,
                "provider": provider,
            }
        )
        if cores_others is not UNSET:
            field_dict["cores_others"] = cores_others
        if devices_others is not UNSET:
            field_dict["devices_others"] = devices_others
        if model is not UNSET:
            field_dict["model"] = model
        if nodes_asleep is not UNSET:
            field_dict["nodes_asleep"] = nodes_asleep
        if out_of_service is not UNSET:
            field_dict["out_of_service"] = out_of_service
        if site is not UNSET:
            field_dict["site"] = site

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pool_view_out_of_service import PoolViewOutOfService  # noqa: PLC0415

        d = dict(src_dict)
        contact = d.pop("contact")

        cores = d.pop("cores")

        cores_held = d.pop("cores_held")

        devices = d.pop("devices")

        devices_held = d.pop("devices_held")

        executor = d.pop("executor")

        jobs = d.pop("jobs")

        memory_bytes = d.pop("memory_bytes")

        name = d.pop("name")

        nodes = d.pop("nodes")

        provider = d.pop("provider")

        cores_others = d.pop("cores_others", UNSET)

        devices_others = d.pop("devices_others", UNSET)

        def _parse_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        model = _parse_model(d.pop("model", UNSET))

        nodes_asleep = d.pop("nodes_asleep", UNSET)

        _out_of_service = d.pop("out_of_service", UNSET)
        out_of_service: PoolViewOutOfService | Unset
        if isinstance(_out_of_service, Unset):
            out_of_service = UNSET
        else:
            out_of_service = PoolViewOutOfService.from_dict(_out_of_service)

        def _parse_site(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        site = _parse_site(d.pop("site", UNSET))

        pool_view = cls(
            contact=contact,
            cores=cores,
            cores_held=cores_held,
            devices=devices,
            devices_held=devices_held,
            executor=executor,
            jobs=jobs,
            memory_bytes=memory_bytes,
            name=name,
            nodes=nodes,
            provider=provider,
            cores_others=cores_others,
            devices_others=devices_others,
            model=model,
            nodes_asleep=nodes_asleep,
            out_of_service=out_of_service,
            site=site,
        )

        pool_view.additional_properties = d
        return pool_view

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
