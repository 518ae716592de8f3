from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookForm")


@_attrs_define
class WebhookForm:
    """Whom to tell of what.

    Attributes:
        url (str): Where events are sent: http or https.
        events (list[str] | None | Unset): job, money; both if left out.
        from_the_beginning (bool | Unset): Everything since the hub's first entry, and not only what happens from now
            on.
        tenant (None | str | Unset): Only what concerns this tenant.
    """

    url: str
    events: list[str] | None | Unset = UNSET
    from_the_beginning: bool | Unset = UNSET
    tenant: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        events: list[str] | None | Unset
        if isinstance(self.events, Unset):
            events = UNSET
        elif isinstance(self.events, list):
            events = self.events

        else:
            events = self.events

        from_the_beginning = self.from_the_beginning

        tenant: None | str | Unset
        if isinstance(self.tenant, Unset):
            tenant = UNSET
        else:
            tenant = self.tenant

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
            }
        )
        if events is not UNSET:
            field_dict["events"] = events
        if from_the_beginning is not UNSET:
            field_dict["from_the_beginning"] = from_the_beginning
        if tenant is not UNSET:
            field_dict["tenant"] = tenant

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        def _parse_events(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                events_type_0 = cast(list[str], data)

                return events_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        events = _parse_events(d.pop("events", UNSET))

        from_the_beginning = d.pop("from_the_beginning", UNSET)

        def _parse_tenant(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tenant = _parse_tenant(d.pop("tenant", UNSET))

        webhook_form = cls(
            url=url,
            events=events,
            from_the_beginning=from_the_beginning,
            tenant=tenant,
        )

        return webhook_form
