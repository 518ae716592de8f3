from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.account_view import AccountView


T = TypeVar("T", bound="BookView")


@_attrs_define
class BookView:
    """The book of a period.

    Attributes:
        accounts (list[AccountView]): Every account that moved.
        balance_yuan (float): The sum over all accounts: exactly zero.
        currency (str): ISO 4217.
        period (str): `2026-11`, in the hub's local time; `all` for everything.
        postings (int): How many postings.
    """

    accounts: list[AccountView]
    balance_yuan: float
    currency: str
    period: str
    postings: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accounts = []
        for accounts_item_data in self.accounts:
            accounts_item = accounts_item_data.to_dict()
            accounts.append(accounts_item)

        balance_yuan = self.balance_yuan

        currency = self.currency

        period = self.period

        postings = self.postings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accounts": accounts,
                "balance_yuan": balance_yuan,
                "currency": currency,
                "period": period,
                "postings": postings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.account_view import AccountView  # noqa: PLC0415

        d = dict(src_dict)
        accounts = []
        _accounts = d.pop("accounts")
        for accounts_item_data in _accounts:
            accounts_item = AccountView.from_dict(accounts_item_data)

            accounts.append(accounts_item)

        balance_yuan = d.pop("balance_yuan")

        currency = d.pop("currency")

        period = d.pop("period")

        postings = d.pop("postings")

        book_view = cls(
            accounts=accounts,
            balance_yuan=balance_yuan,
            currency=currency,
            period=period,
            postings=postings,
        )

        book_view.additional_properties = d
        return book_view

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
