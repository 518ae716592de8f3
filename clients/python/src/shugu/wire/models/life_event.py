from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LifeEvent")


@_attrs_define
class LifeEvent:
    """Something that happened to a job.

    Attributes:
        at (str): RFC 3339.
        entry (int): The entry of the journal that says so.
        text (str): In a sentence.
        what (str): submitted, expected, at_once, put_off, reserved, placed, started, part, stopping, yielded, ended,
            billed, corrected or disputed.
        attempt (int | None | Unset): Which attempt, counted from 1, where it is about one.
        pool (None | str | Unset): Where, where it is about a place.
    """

    at: str
    entry: int
    text: str
    what: str
    attempt: int | None | Unset = UNSET
    pool: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        entry = self.entry

        text = self.text

        what = self.what

        attempt: int | None | Unset
        if isinstance(self.attempt, Unset):
            attempt = UNSET
        else:
            attempt = self.attempt

        pool: None | str | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        else:
            pool = self.pool

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "entry": entry,
                "text": text,
                "what": what,
            }
        )
        if attempt is not UNSET:
            field_dict["attempt"] = attempt
        if pool is not UNSET:
            field_dict["pool"] = pool

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        entry = d.pop("entry")

        text = d.pop("text")

        what = d.pop("what")

        def _parse_attempt(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        attempt = _parse_attempt(d.pop("attempt", UNSET))

        def _parse_pool(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

        life_event = cls(
            at=at,
            entry=entry,
            text=text,
            what=what,
            attempt=attempt,
            pool=pool,
        )

        life_event.additional_properties = d
        return life_event

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
