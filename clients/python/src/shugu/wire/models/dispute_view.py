from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DisputeView")


@_attrs_define
class DisputeView:
    """A dispute.

    Attributes:
        at (str): When.
        attempt (int): Which attempt.
        by (str): Who contests it.
        id (int): Its number.
        job (str): The job.
        of (int): The entry of the bill that is contested.
        reason (str): Why.
        finding (None | str | Unset): What was found.
        settled_at (None | str | Unset): When it was settled.
    """

    at: str
    attempt: int
    by: str
    id: int
    job: str
    of: int
    reason: str
    finding: None | str | Unset = UNSET
    settled_at: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        attempt = self.attempt

        by = self.by

        id = self.id

        job = self.job

        of = self.of

        reason = self.reason

        finding: None | str | Unset
        if isinstance(self.finding, Unset):
            finding = UNSET
        else:
            finding = self.finding

        settled_at: None | str | Unset
        if isinstance(self.settled_at, Unset):
            settled_at = UNSET
        else:
            settled_at = self.settled_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "attempt": attempt,
                "by": by,
                "id": id,
                "job": job,
                "of": of,
                "reason": reason,
            }
        )
        if finding is not UNSET:
            field_dict["finding"] = finding
        if settled_at is not UNSET:
            field_dict["settled_at"] = settled_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at")

        attempt = d.pop("attempt")

        by = d.pop("by")

        id = d.pop("id")

        job = d.pop("job")

        of = d.pop("of")

        reason = d.pop("reason")

        def _parse_finding(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        finding = _parse_finding(d.pop("finding", UNSET))

        def _parse_settled_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        settled_at = _parse_settled_at(d.pop("settled_at", UNSET))

        dispute_view = cls(
            at=at,
            attempt=attempt,
            by=by,
            id=id,
            job=job,
            of=of,
            reason=reason,
            finding=finding,
            settled_at=settled_at,
        )

        dispute_view.additional_properties = d
        return dispute_view

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
