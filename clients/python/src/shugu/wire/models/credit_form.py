from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CreditForm")


@_attrs_define
class CreditForm:
    """A credit that is given.

    Attributes:
        amount_yuan (float): How much.
        reason (str): Of which programme it is.
        until (None | str | Unset): Until when it may be used.
    """

    amount_yuan: float
    reason: str
    until: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        amount_yuan = self.amount_yuan

        reason = self.reason

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        else:
            until = self.until

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount_yuan": amount_yuan,
                "reason": reason,
            }
        )
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount_yuan = d.pop("amount_yuan")

        reason = d.pop("reason")

        def _parse_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        credit_form = cls(
            amount_yuan=amount_yuan,
            reason=reason,
            until=until,
        )

        return credit_form
