from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.data_form_at import DataFormAt


T = TypeVar("T", bound="DataForm")


@_attrs_define
class DataForm:
    """Where data lies.

    Attributes:
        at (DataFormAt): By pool or site, how it is reached: a path there, or an address (http, https, rsync) from which
            it can be brought elsewhere.
        size (str): "1GiB".
        sha256 (None | str | Unset): The SHA-256 of its content; what is brought is compared with it.
    """

    at: DataFormAt
    size: str
    sha256: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        at = self.at.to_dict()

        size = self.size

        sha256: None | str | Unset
        if isinstance(self.sha256, Unset):
            sha256 = UNSET
        else:
            sha256 = self.sha256

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "size": size,
            }
        )
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.data_form_at import DataFormAt  # noqa: PLC0415

        d = dict(src_dict)
        at = DataFormAt.from_dict(d.pop("at"))

        size = d.pop("size")

        def _parse_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sha256 = _parse_sha256(d.pop("sha256", UNSET))

        data_form = cls(
            at=at,
            size=size,
            sha256=sha256,
        )

        return data_form
