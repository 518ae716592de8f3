from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.budget_view import BudgetView
    from ..models.credit_view import CreditView


T = TypeVar("T", bound="AccountOfTenant")


@_attrs_define
class AccountOfTenant:
    """What a tenant has, may spend and has held.

    Attributes:
        credit_yuan (float): What its credits pay, before its own money.
        credits_ (list[CreditView]):
        held_yuan (float): Held for jobs that have a place and are not paid.
        paid_yuan (float): What it has paid of its own.
        tenant (str):
        budget (BudgetView | None | Unset):
    """

    credit_yuan: float
    credits_: list[CreditView]
    held_yuan: float
    paid_yuan: float
    tenant: str
    budget: BudgetView | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_view import BudgetView  # noqa: PLC0415

        credit_yuan = self.credit_yuan

        credits_ = []
        for credits_item_data in self.credits_:
            credits_item = credits_item_data.to_dict()
            credits_.append(credits_item)

        held_yuan = self.held_yuan

        paid_yuan = self.paid_yuan

        tenant = self.tenant

        budget: dict[str, Any] | None | Unset
        if isinstance(self.budget, Unset):
            budget = UNSET
        elif isinstance(self.budget, BudgetView):
            budget = self.budget.to_dict()
        else:
            budget = self.budget

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "credit_yuan": credit_yuan,
                "credits": credits_,
                "held_yuan": held_yuan,
                "paid_yuan": paid_yuan,
                "tenant": tenant,
            }
        )
        if budget is not UNSET:
            field_dict["budget"] = budget

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.credit_view import CreditView  # noqa: PLC0415

        d = dict(src_dict)
        credit_yuan = d.pop("credit_yuan")

        credits_ = []
        _credits_ = d.pop("credits")
        for credits_item_data in _credits_:
            credits_item = CreditView.from_dict(credits_item_data)

            credits_.append(credits_item)

        held_yuan = d.pop("held_yuan")

        paid_yuan = d.pop("paid_yuan")

        tenant = d.pop("tenant")

        def _parse_budget(data: object) -> BudgetView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                budget_type_0 = BudgetView.from_dict(data)

                return budget_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BudgetView | None | Unset, data)

        budget = _parse_budget(d.pop("budget", UNSET))

        account_of_tenant = cls(
            credit_yuan=credit_yuan,
            credits_=credits_,
            held_yuan=held_yuan,
            paid_yuan=paid_yuan,
            tenant=tenant,
            budget=budget,
        )

        account_of_tenant.additional_properties = d
        return account_of_tenant

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
