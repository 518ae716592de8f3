from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookView")


@_attrs_define
class WebhookView:
    """A webhook.

    Attributes:
        behind (int): How many entries there are that were not looked at yet.
        events (list[str]): job, money.
        made_at (str): RFC 3339.
        name (str): Its name.
        told (int): The last entry of the journal that was told, or need not be.
        url (str): Where events are sent.
        secret (None | str | Unset): By which it knows that what it is told is of this hub (Standard Webhooks); told
            once, when it is made.
        tenant (None | str | Unset): Only what concerns this tenant.
        trouble (None | str | Unset): Why the receiver cannot be told now.
    """

    behind: int
    events: list[str]
    made_at: str
    name: str
    told: int
    url: str
    secret: None | str | Unset = UNSET
    tenant: None | str | Unset = UNSET
    trouble: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        behind = self.behind

        events = self.events

        made_at = self.made_at

        name = self.name

        told = self.told

        url = self.url

        secret: None | str | Unset
        if isinstance(self.secret, Unset):
            secret = UNSET
        else:
            secret = self.secret

        tenant: None | str | Unset
        if isinstance(self.tenant, Unset):
            tenant = UNSET
        else:
            tenant = self.tenant

        trouble: None | str | Unset
        if isinstance(self.trouble, Unset):
            trouble = UNSET
        else:
            trouble = self.trouble

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "behind": behind,
                "events": events,
                "made_at": made_at,
                "name": name,
                "told": told,
                "url": url,
            }
        )
        if secret is not UNSET:
            field_dict["secret"] = secret
        if tenant is not UNSET:
            field_dict["tenant"] = tenant
        if trouble is not UNSET:
            field_dict["trouble"] = trouble

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        behind = d.pop("behind")

        events = cast(list[str], d.pop("events"))

        made_at = d.pop("made_at")

        name = d.pop("name")

        told = d.pop("told")

        url = d.pop("url")

        def _parse_secret(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        secret = _parse_secret(d.pop("secret", UNSET))

        def _parse_tenant(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tenant = _parse_tenant(d.pop("tenant", UNSET))

        def _parse_trouble(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        trouble = _parse_trouble(d.pop("trouble", UNSET))

        webhook_view = cls(
            behind=behind,
            events=events,
            made_at=made_at,
            name=name,
            told=told,
            url=url,
            secret=secret,
            tenant=tenant,
            trouble=trouble,
        )

        webhook_view.additional_properties = d
        return webhook_view

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
