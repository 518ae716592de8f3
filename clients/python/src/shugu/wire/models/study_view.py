from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="StudyView")


@_attrs_define
class StudyView:
    """A study.

    Attributes:
        asked_at (str): RFC 3339.
        by (str): Who asked.
        id (int): Its number.
        kind (str): replay or plan.
        name (str): What people call it.
        seconds (float): How long it took, or takes so far.
        state (str): waiting, running, done, failed or stopped.
        ended_at (None | str | Unset): RFC 3339; null while it is under way.
        error (None | str | Unset): What went wrong.
        started_at (None | str | Unset): RFC 3339; null while it waits for its turn.
    """

    asked_at: str
    by: str
    id: int
    kind: str
    name: str
    seconds: float
    state: str
    ended_at: None | str | Unset = UNSET
    error: None | str | Unset = UNSET
    started_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        asked_at = self.asked_at

        by = self.by

        id = self.id

        kind = self.kind

        name = self.name

        seconds = self.seconds

        state = self.state

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        else:
            ended_at = self.ended_at

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        else:
            started_at = self.started_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "asked_at": asked_at,
                "by": by,
                "id": id,
                "kind": kind,
                "name": name,
                "seconds": seconds,
                "state": state,
            }
        )
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if error is not UNSET:
            field_dict["error"] = error
        if started_at is not UNSET:
            field_dict["started_at"] = started_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        asked_at = d.pop("asked_at")

        by = d.pop("by")

        id = d.pop("id")

        kind = d.pop("kind")

        name = d.pop("name")

        seconds = d.pop("seconds")

        state = d.pop("state")

        def _parse_ended_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_started_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        study_view = cls(
            asked_at=asked_at,
            by=by,
            id=id,
            kind=kind,
            name=name,
            seconds=seconds,
            state=state,
            ended_at=ended_at,
            error=error,
            started_at=started_at,
        )

        study_view.additional_properties = d
        return study_view

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
