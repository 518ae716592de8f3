from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AccountView")


@_attrs_define
class AccountView:
    """One account's movements.

    Attributes:
        account (str): Its key in the journal.
        balance_yuan (float): Received minus paid.
        kind (str): tenant, provider or hub.
        name (str): Whose.
        paid_yuan (float): Paid.
        received_yuan (float): Received.
    """

    account: str
    balance_yuan: float
    kind: str
    name: str
    paid_yuan: float
    received_yuan: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        account = self.account

        balance_yuan = self.balance_yuan

        kind = self.kind

        name = self.name

        paid_yuan = self.paid_yuan

        received_yuan = self.received_yuan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "account": account,
                "balance_yuan": balance_yuan,
                "kind": kind,
                "name": name,
                "paid_yuan": paid_yuan,
                "received_yuan": received_yuan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        account = d.pop("account")

        balance_yuan = d.pop("balance_yuan")

        kind = d.pop("kind")

        name = d.pop("name")

        paid_yuan = d.pop("paid_yuan")

        received_yuan = d.pop("received_yuan")

        account_view = cls(
            account=account,
            balance_yuan=balance_yuan,
            kind=kind,
            name=name,
            paid_yuan=paid_yuan,
            received_yuan=received_yuan,
        )

        account_view.additional_properties = d
        return account_view

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
