from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.statement import Statement
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    period: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_tenant: None | str | Unset
    if isinstance(tenant, Unset):
        json_tenant = UNSET
    else:
        json_tenant = tenant
    params["tenant"] = json_tenant

    json_provider: None | str | Unset
    if isinstance(provider, Unset):
        json_provider = UNSET
    else:
        json_provider = provider
    params["provider"] = json_provider

    json_period: None | str | Unset
    if isinstance(period, Unset):
        json_period = UNSET
    else:
        json_period = period
    params["period"] = json_period

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/statements",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Statement | None:
    if response.status_code == 200:
        response_200 = Statement.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = cast(Any, None)
        return response_400

    if response.status_code == 403:
        response_403 = cast(Any, None)
        return response_403

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | Statement]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    period: None | str | Unset = UNSET,
) -> Response[Any | Statement]:
    """What a tenant pays or a provider receives for the jobs settled in a period.

    Args:
        tenant (None | str | Unset):
        provider (None | str | Unset):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Statement]
    """

    kwargs = _get_kwargs(
        tenant=tenant,
        provider=provider,
        period=period,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    period: None | str | Unset = UNSET,
) -> Any | Statement | None:
    """What a tenant pays or a provider receives for the jobs settled in a period.

    Args:
        tenant (None | str | Unset):
        provider (None | str | Unset):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Statement
    """

    return sync_detailed(
        client=client,
        tenant=tenant,
        provider=provider,
        period=period,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    period: None | str | Unset = UNSET,
) -> Response[Any | Statement]:
    """What a tenant pays or a provider receives for the jobs settled in a period.

    Args:
        tenant (None | str | Unset):
        provider (None | str | Unset):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Statement]
    """

    kwargs = _get_kwargs(
        tenant=tenant,
        provider=provider,
        period=period,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    tenant: None | str | Unset = UNSET,
    provider: None | str | Unset = UNSET,
    period: None | str | Unset = UNSET,
) -> Any | Statement | None:
    """What a tenant pays or a provider receives for the jobs settled in a period.

    Args:
        tenant (None | str | Unset):
        provider (None | str | Unset):
        period (None | str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Statement
    """

    return (
        await asyncio_detailed(
            client=client,
            tenant=tenant,
            provider=provider,
            period=period,
        )
    ).parsed
