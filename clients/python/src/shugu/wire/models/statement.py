from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.statement_line import StatementLine


T = TypeVar("T", bound="Statement")


@_attrs_define
class Statement:
    """What a tenant pays, or a provider receives, for a period.

    Attributes:
        currency (str): ISO 4217.
        kind (str): `tenant` or `provider`.
        lines (list[StatementLine]): By pool and counterpart.
        name (str): Whose.
        period (str): `2026-11`, in the hub's local time.
        total_yuan (float): The sum, exactly.
    """

    currency: str
    kind: str
    lines: list[StatementLine]
    name: str
    period: str
    total_yuan: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        currency = self.currency

        kind = self.kind

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        name = self.name

        period = self.period

        total_yuan = self.total_yuan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "currency": currency,
                "kind": kind,
                "lines": lines,
                "name": name,
                "period": period,
                "total_yuan": total_yuan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.statement_line import StatementLine  # noqa: PLC0415

        d = dict(src_dict)
        currency = d.pop("currency")

        kind = d.pop("kind")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = StatementLine.from_dict(lines_item_data)

            lines.append(lines_item)

        name = d.pop("name")

        period = d.pop("period")

        total_yuan = d.pop("total_yuan")

        statement = cls(
            currency=currency,
            kind=kind,
            lines=lines,
            name=name,
            period=period,
            total_yuan=total_yuan,
        )

        statement.additional_properties = d
        return statement

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
