from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.study_form_type_0_kind import StudyFormType0Kind
from ..types import UNSET, Unset

T = TypeVar("T", bound="StudyFormType0")


@_attrs_define
class StudyFormType0:
    """This hub's own history under other policies.

    Attributes:
        kind (StudyFormType0Kind):
        policies (list[str]): Shipped policies: default, fair, fifo, sjf, bestfit, fgd.
        name (None | str | Unset): What people call it.
        policy (None | str | Unset): One of their own, as TOML (docs/policies.md); `own` in what is found.
    """

    kind: StudyFormType0Kind
    policies: list[str]
    name: None | str | Unset = UNSET
    policy: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        policies = self.policies

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        policy: None | str | Unset
        if isinstance(self.policy, Unset):
            policy = UNSET
        else:
            policy = self.policy

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "policies": policies,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if policy is not UNSET:
            field_dict["policy"] = policy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = StudyFormType0Kind(d.pop("kind"))

        policies = cast(list[str], d.pop("policies"))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_policy(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        policy = _parse_policy(d.pop("policy", UNSET))

        study_form_type_0 = cls(
            kind=kind,
            policies=policies,
            name=name,
            policy=policy,
        )

        study_form_type_0.additional_properties = d
        return study_form_type_0

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
