from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="BudgetView")


@_attrs_define
class BudgetView:
    """A budget.

    Attributes:
        amount_yuan (float):
        left_yuan (float): Neither spent nor held.
        warn (float): The part from which on people are warned.
        warned (bool): Whether that is reached.
        renews (None | str | Unset): When it is filled up again.
        until (None | str | Unset):
    """

    amount_yuan: float
    left_yuan: float
    warn: float
    warned: bool
    renews: None | str | Unset = UNSET
    until: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        amount_yuan = self.amount_yuan

        left_yuan = self.left_yuan

        warn = self.warn

        warned = self.warned

        renews: None | str | Unset
        if isinstance(self.renews, Unset):
            renews = UNSET
        else:
            renews = self.renews

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        else:
            until = self.until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "amount_yuan": amount_yuan,
                "left_yuan": left_yuan,
                "warn": warn,
                "warned": warned,
            }
        )
        if renews is not UNSET:
            field_dict["renews"] = renews
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount_yuan = d.pop("amount_yuan")

        left_yuan = d.pop("left_yuan")

        warn = d.pop("warn")

        warned = d.pop("warned")

        def _parse_renews(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        renews = _parse_renews(d.pop("renews", UNSET))

        def _parse_until(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        budget_view = cls(
            amount_yuan=amount_yuan,
            left_yuan=left_yuan,
            warn=warn,
            warned=warned,
            renews=renews,
            until=until,
        )

        budget_view.additional_properties = d
        return budget_view

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
