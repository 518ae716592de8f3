from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="MadeToken")


@_attrs_define
class MadeToken:
    """A token that was made. It is shown once and never again.

    Attributes:
        id (int): Its number, to revoke it by.
        role (str): operator, provider, tenant or agent.
        subject (str): As whom.
        token (str): The token.
        more (list[str] | Unset): Those of the further hosts, where several were asked for.
    """

    id: int
    role: str
    subject: str
    token: str
    more: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        role = self.role

        subject = self.subject

        token = self.token

        more: list[str] | Unset = UNSET
        if not isinstance(self.more, Unset):
            more = self.more

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "role": role,
                "subject": subject,
                "token": token,
            }
        )
        if more is not UNSET:
            field_dict["more"] = more

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        role = d.pop("role")

        subject = d.pop("subject")

        token = d.pop("token")

        more = cast(list[str], d.pop("more", UNSET))

        made_token = cls(
            id=id,
            role=role,
            subject=subject,
            token=token,
            more=more,
        )

        made_token.additional_properties = d
        return made_token

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
