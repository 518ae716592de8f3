from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="BudgetForm")


@_attrs_define
class BudgetForm:
    """What a tenant may spend.

    Attributes:
        amount_yuan (float): What it may spend, its projects included.
        monthly (bool | Unset): Whether it is filled up again at the beginning of each month of the hub's local time.
        until (None | str | Unset): From when on nothing may be spent any more.
        warn (float | None | Unset): The part of it, 0 to 1, from which on people are warned; 0.8 if left out.
    """

    amount_yuan: float
    monthly: bool | Unset = UNSET
    until: None | str | Unset = UNSET
    warn: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        amount_yuan = self.amount_yuan

        monthly = self.monthly

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        else:
            until = self.until

        warn: float | None | Unset
        if isinstance(self.warn, Unset):
            warn = UNSET
        else:
            warn = self.warn

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount_yuan": amount_yuan,
            }
        )
        if monthly is not UNSET:
            field_dict["monthly"] = monthly
        if until is not UNSET:
            field_dict["until"] = until
        if warn is not UNSET:
            field_dict["warn"] = warn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount_yuan = d.pop("amount_yuan")

        monthly = d.pop("monthly", UNSET)

        def _parse_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        def _parse_warn(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        warn = _parse_warn(d.pop("warn", UNSET))

        budget_form = cls(
            amount_yuan=amount_yuan,
            monthly=monthly,
            until=until,
            warn=warn,
        )

        return budget_form
