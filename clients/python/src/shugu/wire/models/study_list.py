from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.study_view import StudyView


T = TypeVar("T", bound="StudyList")


@_attrs_define
class StudyList:
    """Studies.

    Attributes:
        studies (list[StudyView]): Newest first.
    """

    studies: list[StudyView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        studies = []
        for studies_item_data in self.studies:
            studies_item = studies_item_data.to_dict()
            studies.append(studies_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "studies": studies,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.study_view import StudyView  # noqa: PLC0415

        d = dict(src_dict)
        studies = []
        _studies = d.pop("studies")
        for studies_item_data in _studies:
            studies_item = StudyView.from_dict(studies_item_data)

            studies.append(studies_item)

        study_list = cls(
            studies=studies,
        )

        study_list.additional_properties = d
        return study_list

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
