from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="OutputForm")


@_attrs_define
class OutputForm:
    """Something that a job writes, and where it is brought.

    Attributes:
        path (str): A file or a folder; in the job's own folder unless it begins with a slash.
        to (str): `https://`, `http://`, `rsync://` or `s3://`, or a path at the site. Where it ends with a slash the
            name is kept.
    """

    path: str
    to: str

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        to = self.to

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "to": to,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        path = d.pop("path")

        to = d.pop("to")

        output_form = cls(
            path=path,
            to=to,
        )

        return output_form
