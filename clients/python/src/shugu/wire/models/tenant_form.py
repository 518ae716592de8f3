from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="TenantForm")


@_attrs_define
class TenantForm:
    """What a tenant is to be due.

    Attributes:
        guaranteed (int | None | Unset): Devices it gets back from borrowers whenever it needs them.
        most (int | None | Unset): Devices it never exceeds.
        parent (None | str | Unset): The tenant it is a project of; none if left out.
        patience (None | str | Unset): How long its jobs may wait by choice that do not say so: `now`, `today`, `this-
            week` or a length of time; as with the tenant above it
            if left out, and where nobody says, not at all.
        weight (int | None | Unset): Its weight among its siblings, 1 to 1000000; 1 if left out.
    """

    guaranteed: int | None | Unset = UNSET
    most: int | None | Unset = UNSET
    parent: None | str | Unset = UNSET
    patience: None | str | Unset = UNSET
    weight: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        guaranteed: int | None | Unset
        if isinstance(self.guaranteed, Unset):
            guaranteed = UNSET
        else:
            guaranteed = self.guaranteed

        most: int | None | Unset
        if isinstance(self.most, Unset):
            most = UNSET
        else:
            most = self.most

        parent: None | str | Unset
        if isinstance(self.parent, Unset):
            parent = UNSET
        else:
            parent = self.parent

        patience: None | str | Unset
        if isinstance(self.patience, Unset):
            patience = UNSET
        else:
            patience = self.patience

        weight: int | None | Unset
        if isinstance(self.weight, Unset):
            weight = UNSET
        else:
            weight = self.weight

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if guaranteed is not UNSET:
            field_dict["guaranteed"] = guaranteed
        if most is not UNSET:
            field_dict["most"] = most
        if parent is not UNSET:
            field_dict["parent"] = parent
        if patience is not UNSET:
            field_dict["patience"] = patience
        if weight is not UNSET:
            field_dict["weight"] = weight

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_guaranteed(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        guaranteed = _parse_guaranteed(d.pop("guaranteed", UNSET))

        def _parse_most(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        most = _parse_most(d.pop("most", UNSET))

        def _parse_parent(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent = _parse_parent(d.pop("parent", UNSET))

        def _parse_patience(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        patience = _parse_patience(d.pop("patience", UNSET))

        def _parse_weight(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        weight = _parse_weight(d.pop("weight", UNSET))

        tenant_form = cls(
            guaranteed=guaranteed,
            most=most,
            parent=parent,
            patience=patience,
            weight=weight,
        )

        return tenant_form
