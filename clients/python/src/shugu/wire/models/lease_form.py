from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="LeaseForm")


@_attrs_define
class LeaseForm:
    """That a job goes on only while whoever submitted it is heard of.

    Attributes:
        holder (str): What whoever it is says in the header `x-shugu-agent` of each request, with a token of the job's
            tenant.
        span (str): After so long without such a request it is cancelled: "10m"; 3 seconds at least.
    """

    holder: str
    span: str

    def to_dict(self) -> dict[str, Any]:
        holder = self.holder

        span = self.span

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "holder": holder,
                "span": span,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        holder = d.pop("holder")

        span = d.pop("span")

        lease_form = cls(
            holder=holder,
            span=span,
        )

        return lease_form
