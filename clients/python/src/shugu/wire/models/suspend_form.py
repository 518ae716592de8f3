from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SuspendForm")


@_attrs_define
class SuspendForm:
    """That a job can be suspended, and what that costs.

    Attributes:
        load (None | str | Unset): How long it takes from its start until it goes on: "5m"; no time if left out.
        save (None | str | Unset): How long it takes to save its state: "2m"; no time if left out.
    """

    load: None | str | Unset = UNSET
    save: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        load: None | str | Unset
        if isinstance(self.load, Unset):
            load = UNSET
        else:
            load = self.load

        save: None | str | Unset
        if isinstance(self.save, Unset):
            save = UNSET
        else:
            save = self.save

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if load is not UNSET:
            field_dict["load"] = load
        if save is not UNSET:
            field_dict["save"] = save

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_load(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        load = _parse_load(d.pop("load", UNSET))

        def _parse_save(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        save = _parse_save(d.pop("save", UNSET))

        suspend_form = cls(
            load=load,
            save=save,
        )

        return suspend_form
