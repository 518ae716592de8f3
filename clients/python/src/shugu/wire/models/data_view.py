from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.data_view_at import DataViewAt


T = TypeVar("T", bound="DataView")


@_attrs_define
class DataView:
    """Data that jobs may read.

    Attributes:
        at (DataViewAt): By pool or site, how it is reached; shown to operators only.
        bytes_ (int): Its size.
        moves (bool): Whether it can be brought elsewhere.
        name (str): By which jobs name it.
        sha256 (None | str | Unset): The SHA-256 of its content.
    """

    at: DataViewAt
    bytes_: int
    moves: bool
    name: str
    sha256: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.to_dict()

        bytes_ = self.bytes_

        moves = self.moves

        name = self.name

        sha256: None | str | Unset
        if isinstance(self.sha256, Unset):
            sha256 = UNSET
        else:
            sha256 = self.sha256

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "bytes": bytes_,
                "moves": moves,
                "name": name,
            }
        )
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.data_view_at import DataViewAt  # noqa: PLC0415

        d = dict(src_dict)
        at = DataViewAt.from_dict(d.pop("at"))

        bytes_ = d.pop("bytes")

        moves = d.pop("moves")

        name = d.pop("name")

        def _parse_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sha256 = _parse_sha256(d.pop("sha256", UNSET))

        data_view = cls(
            at=at,
            bytes_=bytes_,
            moves=moves,
            name=name,
            sha256=sha256,
        )

        data_view.additional_properties = d
        return data_view

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
