from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="HubView")


@_attrs_define
class HubView:
    """The hub at a glance.

    Attributes:
        name (str): Its name.
        name_zh (str): Its name in Chinese.
        now (str): Now, with the hub's own offset.
        pools (int): How many pools.
        role (str): Role of the token that asked.
        running (int): Jobs that run.
        subject (str): Its subject.
        tenants (int): How many tenants.
        version (str): Version of the program.
        waiting (int): Jobs without a place.
    """

    name: str
    name_zh: str
    now: str
    pools: int
    role: str
    running: int
    subject: str
    tenants: int
    version: str
    waiting: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        name_zh = self.name_zh

        now = self.now

        pools = self.pools

        role = self.role

        running = self.running

        subject = self.subject

        tenants = self.tenants

        version = self.version

        waiting = self.waiting

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "name_zh": name_zh,
                "now": now,
                "pools": pools,
                "role": role,
                "running": running,
                "subject": subject,
                "tenants": tenants,
                "version": version,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        name_zh = d.pop("name_zh")

        now = d.pop("now")

        pools = d.pop("pools")

        role = d.pop("role")

        running = d.pop("running")

        subject = d.pop("subject")

        tenants = d.pop("tenants")

        version = d.pop("version")

        waiting = d.pop("waiting")

        hub_view = cls(
            name=name,
            name_zh=name_zh,
            now=now,
            pools=pools,
            role=role,
            running=running,
            subject=subject,
            tenants=tenants,
            version=version,
            waiting=waiting,
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
