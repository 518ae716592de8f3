from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="LimitsForm")


@_attrs_define
class LimitsForm:
    """What is to be allowed in a pool.

    Attributes:
        most (int | None | Unset): Devices the hub may hold at a time; of a pool without accelerators, cores. All there
            are if left out.
        veto (list[str] | Unset): Tenants whose work is not taken, their projects' included.
    """

    most: int | None | Unset = UNSET
    veto: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        most: int | None | Unset
        if isinstance(self.most, Unset):
            most = UNSET
        else:
            most = self.most

        veto: list[str] | Unset = UNSET
        if not isinstance(self.veto, Unset):
            veto = self.veto

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if most is not UNSET:
            field_dict["most"] = most
        if veto is not UNSET:
            field_dict["veto"] = veto

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_most(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        most = _parse_most(d.pop("most", UNSET))

        veto = cast(list[str], d.pop("veto", UNSET))

        limits_form = cls(
            most=most,
            veto=veto,
        )

        return limits_form
