from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Corrected")


@_attrs_define
class Corrected:
    """What became of a correction.

    Attributes:
        changed (bool): Whether anything changed; a reading that is known already changes nothing.
        price_yuan (float): What is to be paid now.
        was_yuan (float): What was to be paid before.
        entry (int | None | Unset): The entry that says so.
    """

    changed: bool
    price_yuan: float
    was_yuan: float
    entry: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed = self.changed

        price_yuan = self.price_yuan

        was_yuan = self.was_yuan

        entry: int | None | Unset
        if isinstance(self.entry, Unset):
            entry = UNSET
        else:
            entry = self.entry

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed": changed,
                "price_yuan": price_yuan,
                "was_yuan": was_yuan,
            }
        )
        if entry is not UNSET:
            field_dict["entry"] = entry

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        changed = d.pop("changed")

        price_yuan = d.pop("price_yuan")

        was_yuan = d.pop("was_yuan")

        def _parse_entry(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        entry = _parse_entry(d.pop("entry", UNSET))

        corrected = cls(
            changed=changed,
            price_yuan=price_yuan,
            was_yuan=was_yuan,
            entry=entry,
        )

        corrected.additional_properties = d
        return corrected

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
