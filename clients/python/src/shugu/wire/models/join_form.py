from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="JoinForm")


@_attrs_define
class JoinForm:
    """A pool that is to join.

    Attributes:
        name (str): Its name, unique in the hub.
        provider (str): Who owns it.
        executor (None | str | Unset): What starts the work there; `local` if left out.
        hosts (int | None | Unset): How many plain hosts are to join now, each with an agent and a token of its own; one
            if left out.
        site (None | str | Unset): The site it stands at, if the census has it.
    """

    name: str
    provider: str
    executor: None | str | Unset = UNSET
    hosts: int | None | Unset = UNSET
    site: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        provider = self.provider

        executor: None | str | Unset
        if isinstance(self.executor, Unset):
            executor = UNSET
        else:
            executor = self.executor

        hosts: int | None | Unset
        if isinstance(self.hosts, Unset):
            hosts = UNSET
        else:
            hosts = self.hosts

        site: None | str | Unset
        if isinstance(self.site, Unset):
            site = UNSET
        else:
            site = self.site

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "provider": provider,
            }
        )
        if executor is not UNSET:
            field_dict["executor"] = executor
        if hosts is not UNSET:
            field_dict["hosts"] = hosts
        if site is not UNSET:
            field_dict["site"] = site

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        provider = d.pop("provider")

        def _parse_executor(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        executor = _parse_executor(d.pop("executor", UNSET))

        def _parse_hosts(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        hosts = _parse_hosts(d.pop("hosts", UNSET))

        def _parse_site(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        site = _parse_site(d.pop("site", UNSET))

        join_form = cls(
            name=name,
            provider=provider,
            executor=executor,
            hosts=hosts,
            site=site,
        )

        return join_form
