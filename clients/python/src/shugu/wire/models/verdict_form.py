from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="VerdictForm")


@_attrs_define
class VerdictForm:
    """A dispute is settled.

    Attributes:
        finding (str): What was found.
        price_yuan (float | None | Unset): What is to be paid instead; the bill stands if left out.
    """

    finding: str
    price_yuan: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        finding = self.finding

        price_yuan: float | None | Unset
        if isinstance(self.price_yuan, Unset):
            price_yuan = UNSET
        else:
            price_yuan = self.price_yuan

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "finding": finding,
            }
        )
        if price_yuan is not UNSET:
            field_dict["price_yuan"] = price_yuan

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        finding = d.pop("finding")

        def _parse_price_yuan(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        price_yuan = _parse_price_yuan(d.pop("price_yuan", UNSET))

        verdict_form = cls(
            finding=finding,
            price_yuan=price_yuan,
        )

        return verdict_form
