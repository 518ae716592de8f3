from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="TokenForm")


@_attrs_define
class TokenForm:
    """A token that is to be made.

    Attributes:
        role (str): operator, auditor, provider or tenant (a pool's is made when it joins).
        subject (str): As whom. A tenant of this name is let in.
        life (None | str | Unset): How long it is good, such as `90d`; until it is revoked if left out.
    """

    role: str
    subject: str
    life: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        role = self.role

        subject = self.subject

        life: None | str | Unset
        if isinstance(self.life, Unset):
            life = UNSET
        else:
            life = self.life

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
                "subject": subject,
            }
        )
        if life is not UNSET:
            field_dict["life"] = life

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = d.pop("role")

        subject = d.pop("subject")

        def _parse_life(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        life = _parse_life(d.pop("life", UNSET))

        token_form = cls(
            role=role,
            subject=subject,
            life=life,
        )

        return token_form
