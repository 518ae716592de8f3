from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.statement import Statement


T = TypeVar("T", bound="AllStatements")


@_attrs_define
class AllStatements:
    """Everybody's statements of a period.

    Attributes:
        fee_yuan (float): The hub's fees. Paid = received + fees, exactly.
        paid_yuan (float): What all tenants pay.
        period (str): `2026-11`, in the hub's local time.
        received_yuan (float): What all providers receive.
        statements (list[Statement]): Tenants' first, then providers', by name.
    """

    fee_yuan: float
    paid_yuan: float
    period: str
    received_yuan: float
    statements: list[Statement]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        fee_yuan = self.fee_yuan

        paid_yuan = self.paid_yuan

        period = self.period

        received_yuan = self.received_yuan

        statements = []
        for statements_item_data in self.statements:
            statements_item = statements_item_data.to_dict()
            statements.append(statements_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "fee_yuan": fee_yuan,
                "paid_yuan": paid_yuan,
                "period": period,
                "received_yuan": received_yuan,
                "statements": statements,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.statement import Statement  # noqa: PLC0415

        d = dict(src_dict)
        fee_yuan = d.pop("fee_yuan")

        paid_yuan = d.pop("paid_yuan")

        period = d.pop("period")

        received_yuan = d.pop("received_yuan")

        statements = []
        _statements = d.pop("statements")
        for statements_item_data in _statements:
            statements_item = Statement.from_dict(statements_item_data)

            statements.append(statements_item)

        all_statements = cls(
            fee_yuan=fee_yuan,
            paid_yuan=paid_yuan,
            period=period,
            received_yuan=received_yuan,
            statements=statements,
        )

        all_statements.additional_properties = d
        return all_statements

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
