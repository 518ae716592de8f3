from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AskedView")


@_attrs_define
class AskedView:
    """A request to change something.

    Attributes:
        at (str): RFC 3339.
        id (int): Its number in the log.
        method (str): GET, POST, PUT or DELETE.
        path (str): Of what.
        role (str): Of which role.
        subject (str): As whom.
        token (int): The number of the token; 0 where somebody signed in.
        first_entry (int | None | Unset): The first entry of the journal that it brought about; null where it brought
            none about.
        last_entry (int | None | Unset): The last one.
        made (None | str | Unset): What it made that is not in the journal.
        status (int | None | Unset): What was answered, as a status of HTTP; null where the hub ended before it was.
    """

    at: str
    id: int
    method: str
    path: str
    role: str
    subject: str
    token: int
    first_entry: int | None | Unset = UNSET
    last_entry: int | None | Unset = UNSET
    made: None | str | Unset = UNSET
    status: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        id = self.id

        method = self.method

        path = self.path

        role = self.role

        subject = self.subject

        token = self.token

        first_entry: int | None | Unset
        if isinstance(self.first_entry, Unset):
            first_entry = UNSET
        else:
            first_entry = self.first_entry

        last_entry: int | None | Unset
        if isinstance(self.last_entry, Unset):
            last_entry = UNSET
        else:
            last_entry = self.last_entry

        made: None | str | Unset
        if isinstance(self.made, Unset):
            made = UNSET
        else:
            made = self.made

        status: int | None | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "id": id,
                "method": method,
                "path": path,
                "role": role,
                "subject": subject,
                "token": token,
            }
        )
        if first_entry is not UNSET:
            field_dict["first_entry"] = first_entry
        if last_entry is not UNSET:
            field_dict["last_entry"] = last_entry
        if made is not UNSET:
            field_dict["made"] = made
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        id = d.pop("id")

        method = d.pop("method")

        path = d.pop("path")

        role = d.pop("role")

        subject = d.pop("subject")

        token = d.pop("token")

        def _parse_first_entry(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        first_entry = _parse_first_entry(d.pop("first_entry", UNSET))

        def _parse_last_entry(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        last_entry = _parse_last_entry(d.pop("last_entry", UNSET))

        def _parse_made(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        made = _parse_made(d.pop("made", UNSET))

        def _parse_status(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        asked_view = cls(
            at=at,
            id=id,
            method=method,
            path=path,
            role=role,
            subject=subject,
            token=token,
            first_entry=first_entry,
            last_entry=last_entry,
            made=made,
            status=status,
        )

        asked_view.additional_properties = d
        return asked_view

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
