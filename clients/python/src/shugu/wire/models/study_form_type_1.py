from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.study_form_type_1_kind import StudyFormType1Kind
from ..types import UNSET, Unset

T = TypeVar("T", bound="StudyFormType1")


@_attrs_define
class StudyFormType1:
    """The cheapest build-out that meets a target.

    Attributes:
        kind (StudyFormType1Kind):
        scenario (str): The scenario, as TOML (docs/plan.md).
        frontier (int | None | Unset): Plan for other targets and limits too, with so many points a line.
        name (None | str | Unset): What people call it.
        probability (float | None | Unset): The cheapest plan that meets every target with this probability, 0 to 1.
        seconds (int | None | Unset): Stop after so long and keep the best; 60 if left out.
    """

    kind: StudyFormType1Kind
    scenario: str
    frontier: int | None | Unset = UNSET
    name: None | str | Unset = UNSET
    probability: float | None | Unset = UNSET
    seconds: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        scenario = self.scenario

        frontier: int | None | Unset
        if isinstance(self.frontier, Unset):
            frontier = UNSET
        else:
            frontier = self.frontier

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        probability: float | None | Unset
        if isinstance(self.probability, Unset):
            probability = UNSET
        else:
            probability = self.probability

        seconds: int | None | Unset
        if isinstance(self.seconds, Unset):
            seconds = UNSET
        else:
            seconds = self.seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "scenario": scenario,
            }
        )
        if frontier is not UNSET:
            field_dict["frontier"] = frontier
        if name is not UNSET:
            field_dict["name"] = name
        if probability is not UNSET:
            field_dict["probability"] = probability
        if seconds is not UNSET:
            field_dict["seconds"] = seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = StudyFormType1Kind(d.pop("kind"))

        scenario = d.pop("scenario")

        def _parse_frontier(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        frontier = _parse_frontier(d.pop("frontier", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_probability(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        probability = _parse_probability(d.pop("probability", UNSET))

        def _parse_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        seconds = _parse_seconds(d.pop("seconds", UNSET))

        study_form_type_1 = cls(
            kind=kind,
            scenario=scenario,
            frontier=frontier,
            name=name,
            probability=probability,
            seconds=seconds,
        )

        study_form_type_1.additional_properties = d
        return study_form_type_1

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
