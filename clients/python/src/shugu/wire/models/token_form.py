from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="TokenForm")


@_attrs_define
class TokenForm:
    """A token that is to be made.

    Attributes:
        role (str): operator, provider or tenant (a pool's is made when it joins).
        subject (str): As whom. A tenant of this name is let in.
    """

    role: str
    subject: str

    def to_dict(self) -> dict[str, Any]:
        role = self.role

        subject = self.subject

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
                "subject": subject,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = d.pop("role")

        subject = d.pop("subject")

        token_form = cls(
            role=role,
            subject=subject,
        )

        return token_form
