from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="NoticeForm")


@_attrs_define
class NoticeForm:
    """How a job is told to stop.

    Attributes:
        grace (str): From there to its end by force: "2m".
        signal (str): A signal by name or number: "USR1".
    """

    grace: str
    signal: str

    def to_dict(self) -> dict[str, Any]:
        grace = self.grace

        signal = self.signal

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "grace": grace,
                "signal": signal,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        grace = d.pop("grace")

        signal = d.pop("signal")

        notice_form = cls(
            grace=grace,
            signal=signal,
        )

        return notice_form
