from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TenantView")


@_attrs_define
class TenantView:
    """What a tenant is due, holds and used; a tenant's projects are counted in.

    Attributes:
        devices_held (float): Devices it holds now, parts of one included.
        due (float): The part that its weight, and those above it, give it while everybody wants more.
        name (str): Its name.
        used_device_hours (float): Its use that is not forgotten yet, in hours of a device of 100 TFLOPS dense fp16, as
            of when it last got a place or
            gave one back. After each half-life half of it counts.
        weight (int): Its weight among its siblings.
        guaranteed (int | None | Unset): Devices it gets back from borrowers whenever it needs them.
        most (int | None | Unset): Devices it never exceeds.
        parent (None | str | Unset): The tenant it is a project of.
        patience (None | str | Unset): How long its jobs may wait by choice that do not say so.
        share (float | None | Unset): Its part of all tenants' use; null while nobody used a device.
    """

    devices_held: float
    due: float
    name: str
    used_device_hours: float
    weight: int
    guaranteed: int | None | Unset = UNSET
    most: int | None | Unset = UNSET
    parent: None | str | Unset = UNSET
    patience: None | str | Unset = UNSET
    share: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        devices_held = self.devices_held

        due = self.due

        name = self.name

        used_device_hours = self.used_device_hours

        weight = self.weight

        guaranteed: int | None | Unset
        if isinstance(self.guaranteed, Unset):
            guaranteed = UNSET
        else:
            guaranteed = self.guaranteed

        most: int | None | Unset
        if isinstance(self.most, Unset):
            most = UNSET
        else:
            most = self.most

        parent: None | str | Unset
        if isinstance(self.parent, Unset):
            parent = UNSET
        else:
            parent = self.parent

        patience: None | str | Unset
        if isinstance(self.patience, Unset):
            patience = UNSET
        else:
            patience = self.patience

        share: float | None | Unset
        if isinstance(self.share, Unset):
            share = UNSET
        else:
            share = self.share

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "devices_held": devices_held,
                "due": due,
                "name": name,
                "used_device_hours": used_device_hours,
                "weight": weight,
            }
        )
        if guaranteed is not UNSET:
            field_dict["guaranteed"] = guaranteed
        if most is not UNSET:
            field_dict["most"] = most
        if parent is not UNSET:
            field_dict["parent"] = parent
        if patience is not UNSET:
            field_dict["patience"] = patience
        if share is not UNSET:
            field_dict["share"] = share

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        devices_held = d.pop("devices_held")

        due = d.pop("due")

        name = d.pop("name")

        used_device_hours = d.pop("used_device_hours")

        weight = d.pop("weight")

        def _parse_guaranteed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        guaranteed = _parse_guaranteed(d.pop("guaranteed", UNSET))

        def _parse_most(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        most = _parse_most(d.pop("most", UNSET))

        def _parse_parent(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent = _parse_parent(d.pop("parent", UNSET))

        def _parse_patience(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        patience = _parse_patience(d.pop("patience", UNSET))

        def _parse_share(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        share = _parse_share(d.pop("share", UNSET))

        tenant_view = cls(
            devices_held=devices_held,
            due=due,
            name=name,
            used_device_hours=used_device_hours,
            weight=weight,
            guaranteed=guaranteed,
            most=most,
            parent=parent,
            patience=patience,
            share=share,
        )

        tenant_view.additional_properties = d
        return tenant_view

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
