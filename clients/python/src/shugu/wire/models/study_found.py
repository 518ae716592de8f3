from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.study_found_request import StudyFoundRequest
    from ..models.study_found_result_type_0 import StudyFoundResultType0


T = TypeVar("T", bound="StudyFound")


@_attrs_define
class StudyFound:
    """A study and what it found.

    Attributes:
        asked_at (str): RFC 3339.
        by (str): Who asked.
        id (int): Its number.
        kind (str): replay or plan.
        name (str): What people call it.
        seconds (float): How long it took, or takes so far.
        state (str): waiting, running, done, failed or stopped.
        request (StudyFoundRequest): As it was asked.
        ended_at (None | str | Unset): RFC 3339; null while it is under way.
        error (None | str | Unset): What went wrong.
        started_at (None | str | Unset): RFC 3339; null while it waits for its turn.
        picture (None | str | Unset): SVG.
        result (None | StudyFoundResultType0 | Unset): What `shugu replay --json` or `shugu plan --json` prints; null
            until it is done.
    """

    asked_at: str
    by: str
    id: int
    kind: str
    name: str
    seconds: float
    state: str
    request: StudyFoundRequest
    ended_at: None | str | Unset = UNSET
    error: None | str | Unset = UNSET
    started_at: None | str | Unset = UNSET
    picture: None | str | Unset = UNSET
    result: None | StudyFoundResultType0 | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.study_found_result_type_0 import StudyFoundResultType0  # noqa: PLC0415

        asked_at = self.asked_at

        by = self.by

        id = self.id

        kind = self.kind

        name = self.name

        seconds = self.seconds

        state = self.state

        request = self.request.to_dict()

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

        picture: None | str | Unset
        if isinstance(self.picture, Unset):
            picture = UNSET
        else:
            picture = self.picture

        result: dict[str, Any] | None | Unset
        if isinstance(self.result, Unset):
            result = UNSET
        elif isinstance(self.result, StudyFoundResultType0):
            result = self.result.to_dict()
        else:
            result = self.result

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
                "request": request,
            }
        )
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if error is not UNSET:
            field_dict["error"] = error
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if picture is not UNSET:
            field_dict["picture"] = picture
        if result is not UNSET:
            field_dict["result"] = result

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.study_found_request import StudyFoundRequest  # noqa: PLC0415
        from ..models.study_found_result_type_0 import StudyFoundResultType0  # noqa: PLC0415

        d = dict(src_dict)
        asked_at = d.pop("asked_at")

        by = d.pop("by")

        id = d.pop("id")

        kind = d.pop("kind")

        name = d.pop("name")

        seconds = d.pop("seconds")

        state = d.pop("state")

        request = StudyFoundRequest.from_dict(d.pop("request"))

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

        def _parse_picture(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        picture = _parse_picture(d.pop("picture", UNSET))

        def _parse_result(data: object) -> None | StudyFoundResultType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                result_type_0 = StudyFoundResultType0.from_dict(data)

                return result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StudyFoundResultType0 | Unset, data)

        result = _parse_result(d.pop("result", UNSET))

        study_found = cls(
            asked_at=asked_at,
            by=by,
            id=id,
            kind=kind,
            name=name,
            seconds=seconds,
            state=state,
            request=request,
            ended_at=ended_at,
            error=error,
            started_at=started_at,
            picture=picture,
            result=result,
        )

        study_found.additional_properties = d
        return study_found

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
